package dev.lodge.operator.needs;

import dev.lodge.api.common.AllowedNamespaces.From;
import dev.lodge.api.common.ObjectRef;
import dev.lodge.api.v1alpha1.virtualmachine.Interface;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachine;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineConditions;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineConditions.Reason;
import dev.lodge.api.v1alpha1.vmnetwork.VmNetwork;
import dev.lodge.domain.network.MacAddresses;
import dev.lodge.domain.network.Subnet;
import dev.lodge.domain.plan.SpecDefaults;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The networks of a VM's interfaces. */
final class NetworkNeeds {
  /** The network of an interface that names none. */
  static final String DEFAULT = "default";

  private final Installation installation;
  private final Lookup lookup;

  NetworkNeeds(Installation installation, Lookup lookup) {
    this.installation = installation;
    this.lookup = lookup;
  }

  List<NetworkNeed> of(VirtualMachine vm, List<Problem> problems) {
    var needs = new ArrayList<NetworkNeed>();
    for (Interface i : SpecDefaults.interfaces(vm.getSpec())) {
      NetworkNeed need =
          of(vm.getMetadata().getNamespace(), vm.getMetadata().getName(), i, problems);
      if (need != null) {
        needs.add(need);
      }
    }
    return needs;
  }

  private @Nullable NetworkNeed of(
      String namespace, String vm, Interface i, List<Problem> problems) {
    VmNetwork network = find(namespace, i.networkRef());
    if (network == null) {
      problems.add(problem(Reason.NotFound, missing(namespace, i)));
      return null;
    }
    String of = network.getMetadata().getNamespace();
    String name = of + "/" + network.getMetadata().getName();
    From fallback =
        of.equals(installation.namespace()) && network.getMetadata().getName().equals(DEFAULT)
            ? From.All
            : From.Same;
    if (!Names.allowed(network.getSpec().allowedNamespaces(), fallback, of, namespace, lookup)) {
      problems.add(
          problem(
              Reason.NotAllowed,
              "interfaces["
                  + i.name()
                  + "].networkRef: network "
                  + name
                  + " may not be used from namespace "
                  + namespace
                  + "; its spec.allowedNamespaces must say so"));
      return null;
    }
    Optional<Subnet> subnet =
        network.getSpec().ipv4() == null
            ? Optional.empty()
            : Subnet.parse(network.getSpec().ipv4().cidr());
    if (subnet.isEmpty()) {
      problems.add(
          problem(
              Reason.NetworkFailed,
              "network "
                  + name
                  + " has no subnet, and in a cluster no node can choose one for all: set its"
                  + " spec.ipv4.cidr, for example 10.20.0.0/24"));
      return null;
    }
    String mac =
        i.mac() != null ? i.mac() : MacAddresses.derive(installation.id(), namespace, vm, i.name());
    String ip = i.ips() == null || i.ips().isEmpty() ? null : i.ips().getFirst();
    return new NetworkNeed(i.name(), network, subnet.get(), mac, ip);
  }

  private @Nullable VmNetwork find(String namespace, @Nullable ObjectRef ref) {
    String name = ref == null ? DEFAULT : ref.name();
    if (ref != null && ref.namespace() != null) {
      return lookup.network(ref.namespace(), name);
    }
    VmNetwork own = lookup.network(namespace, name);
    return own != null ? own : lookup.network(installation.namespace(), name);
  }

  private String missing(String namespace, Interface i) {
    ObjectRef ref = i.networkRef();
    if (ref != null && ref.namespace() != null) {
      return "interfaces["
          + i.name()
          + "].networkRef: there is no VmNetwork "
          + ref.namespace()
          + "/"
          + ref.name();
    }
    String name = ref == null ? DEFAULT : ref.name();
    return "interfaces["
        + i.name()
        + "]: there is no VmNetwork '"
        + name
        + "' in namespace "
        + namespace
        + ", nor in "
        + installation.namespace()
        + "; make one, with spec: {nat: {}, ipv4: {cidr: 10.20.0.0/24}}";
  }

  private static Problem problem(Reason reason, String message) {
    return new Problem(VirtualMachineConditions.NETWORKS_READY, reason, message);
  }
}
