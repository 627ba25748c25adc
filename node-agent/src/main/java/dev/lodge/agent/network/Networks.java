package dev.lodge.agent.network;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lodge.agent.store.ObjectKey;
import dev.lodge.agent.store.ObjectStore;
import dev.lodge.agent.store.StoreException;
import dev.lodge.agent.store.StoredObject;
import dev.lodge.api.ResourceKind;
import dev.lodge.api.common.AllowedNamespaces;
import dev.lodge.api.common.Condition;
import dev.lodge.api.common.ObjectRef;
import dev.lodge.api.v1alpha1.virtualmachine.Interface;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineConditions.Reason;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineSpec;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineStatus;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineStatus.InterfaceStatus;
import dev.lodge.api.v1alpha1.vmnetwork.VmNetworkSpec;
import dev.lodge.api.v1alpha1.vmnetwork.VmNetworkStatus;
import dev.lodge.domain.hypervisor.DhcpLease;
import dev.lodge.domain.hypervisor.Hypervisor;
import dev.lodge.domain.hypervisor.HypervisorException;
import dev.lodge.domain.hypervisor.HypervisorFailure;
import dev.lodge.domain.machine.DomainNames;
import dev.lodge.domain.machine.NetworkPlan;
import dev.lodge.domain.network.AddressPool;
import dev.lodge.domain.network.Ipv4;
import dev.lodge.domain.network.LeaseNames;
import dev.lodge.domain.network.MacAddresses;
import dev.lodge.domain.network.Subnet;
import dev.lodge.domain.plan.PlanRequest;
import dev.lodge.domain.plan.SpecDefaults;
import dev.lodge.manifest.LodgeJson;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Gives addresses and keeps libvirt's networks as they are wished. The addresses in use are those
 * in the statuses of VMs; between giving one and writing it into a status it is held here.
 *
 * <p>One lock over all of it: giving is quick, and two VMs that start at once must not get one
 * address.
 */
public final class Networks {
  private static final String DEFAULT = "default";

  private final ObjectStore store;
  private final Hypervisor hypervisor;
  private final String installationId;
  private final String installationNamespace;
  private final Supplier<List<HostRoutes.Route>> routes;
  private final Clock clock;

  /** Who holds which address: {@code uid/interface} to the lease. */
  private final Map<String, Held> held = new LinkedHashMap<>();

  /** What libvirt was last told of a network; empty after a reconnect. */
  private final Map<String, NetworkPlan> told = new LinkedHashMap<>();

  private boolean loaded;

  private record Held(ObjectKey network, String vm, String uid, String mac, Ipv4 ip, String name) {}

  /**
   * @param routes the host's own, asked when a subnet is chosen
   */
  public Networks(
      ObjectStore store,
      Hypervisor hypervisor,
      String installationId,
      String installationNamespace,
      Supplier<List<HostRoutes.Route>> routes,
      Clock clock) {
    this.store = store;
    this.hypervisor = hypervisor;
    this.installationId = installationId;
    this.installationNamespace = installationNamespace;
    this.routes = routes;
    this.clock = clock;
  }

  /** Brings up what the VM's interfaces need and gives each its addresses. */
  public synchronized NetworkOutcome prepare(
      StoredObject vm, VirtualMachineSpec spec, VirtualMachineStatus status) {
    load();
    var nics = new LinkedHashMap<String, PlanRequest.Nic>();
    var interfaces = new ArrayList<InterfaceStatus>();
    var networks = new LinkedHashMap<ObjectKey, Network>();
    for (Interface nic : SpecDefaults.interfaces(spec)) {
      String field = "interfaces[" + nic.name() + "]";
      Resolution found = resolve(vm.namespace(), nic.networkRef());
      if (found instanceof Resolution.No no) {
        return new NetworkOutcome.Refused(no.reason(), field + ".networkRef: " + no.message());
      }
      Network network = ((Resolution.Yes) found).network();
      networks.put(network.object().key(), network);
      String mac =
          nic.mac() != null
              ? nic.mac()
              : MacAddresses.derive(installationId, vm.namespace(), vm.name(), nic.name());
      AddressPool pool = AddressPool.of(network.spec(), network.subnet());
      String wish = nic.ips() == null || nic.ips().isEmpty() ? null : nic.ips().getFirst();
      String slot = vm.uid() + "/" + nic.name();
      AddressPool.Given given =
          pool.give(wish, kept(status, nic.name()), holders(network.object().key(), slot, mac));
      if (given instanceof AddressPool.Given.Refused no) {
        Reason reason =
            no.message().contains("in use by") ? Reason.AddressInUse : Reason.InvalidSpec;
        return new NetworkOutcome.Refused(reason, field + ".ips: " + no.message());
      }
      Ipv4 ip = ((AddressPool.Given.Address) given).ip();
      held.put(
          slot,
          new Held(
              network.object().key(),
              vm.namespace() + "/" + vm.name(),
              vm.uid(),
              mac,
              ip,
              vm.name()));
      nics.put(
          nic.name(),
          new PlanRequest.Nic(
              DomainNames.network(network.object().namespace(), network.object().name()),
              mac,
              DomainNames.tap(vm.uid(), nic.name())));
      interfaces.add(
          new InterfaceStatus(
              nic.name(),
              mac,
              network.object().namespace() + "/" + network.object().name(),
              List.of(ip.toString()),
              "Given",
              DomainNames.tap(vm.uid(), nic.name()),
              nic.linkState() == null ? Interface.LinkState.Up : nic.linkState()));
    }
    for (Network network : networks.values()) {
      Optional<NetworkOutcome.Refused> failed = ensure(network);
      if (failed.isPresent()) {
        return failed.get();
      }
    }
    return new NetworkOutcome.Ready(nics, interfaces);
  }

  /** The VM is gone: its addresses are free, and its static leases go with the next change. */
  public synchronized void deleted(StoredObject vm) {
    load();
    held.values().removeIf(h -> h.uid().equals(vm.uid()));
    for (StoredObject network : store.list(ResourceKind.VmNetwork).items()) {
      if (network.deleting()) {
        remove(network); // it may have waited for this VM
      } else if (told.containsKey(libvirtName(network.key()))) {
        see(network).ifPresent(this::ensure);
      }
    }
  }

  /** libvirtd may have lost its networks: each is looked at again when it is next needed. */
  public synchronized void forgetWhatLibvirtHas() {
    told.clear();
  }

  /** Brings a network that exists up again, or changes it; a network nobody used stays down. */
  public synchronized void reconcile(ObjectKey key) {
    load();
    Optional<StoredObject> network = store.get(key);
    if (network.isEmpty()) {
      return;
    }
    if (network.get().deleting()) {
      remove(network.get());
      return;
    }
    boolean used = held.values().stream().anyMatch(h -> h.network().equals(key));
    if (used || network.get().status().path("libvirtName").isTextual()) {
      see(network.get()).ifPresent(this::ensure);
    }
  }

  /** Leases that dnsmasq has handed out. */
  public List<DhcpLease> leases(ObjectKey network) {
    return hypervisor.leases(libvirtName(network));
  }

  private void remove(StoredObject network) {
    List<String> users =
        held.values().stream()
            .filter(h -> h.network().equals(network.key()))
            .map(Held::vm)
            .distinct()
            .toList();
    if (!users.isEmpty()) {
      condition(
          network,
          null,
          Condition.Status.False,
          Reason.Deleting,
          "still used by " + String.join(", ", users) + "; it goes when they are gone");
      return;
    }
    hypervisor.removeNetwork(libvirtName(network.key()));
    told.remove(libvirtName(network.key()));
    store.finish(network.key(), network.uid());
  }

  private record Network(StoredObject object, VmNetworkSpec spec, Subnet subnet) {}

  private sealed interface Resolution {
    record Yes(Network network) implements Resolution {}

    record No(Reason reason, String message) implements Resolution {}
  }

  private Resolution resolve(String namespace, @Nullable ObjectRef ref) {
    StoredObject object;
    boolean installations =
        ref == null
            || ref.name().equals(DEFAULT)
                && (ref.namespace() == null || ref.namespace().equals(installationNamespace));
    if (installations || ref == null) {
      object =
          find(namespace, DEFAULT)
              .or(() -> find(installationNamespace, DEFAULT))
              .orElseGet(this::makeDefault);
    } else {
      String owner = ref.namespace() == null ? namespace : ref.namespace();
      Optional<StoredObject> named = find(owner, ref.name());
      if (named.isEmpty()) {
        return new Resolution.No(
            Reason.NotFound,
            "VmNetwork " + owner + "/" + ref.name() + " does not exist; apply it first");
      }
      object = named.get();
    }
    if (object.deleting()) {
      return new Resolution.No(
          Reason.NotFound,
          "VmNetwork " + object.namespace() + "/" + object.name() + " is being deleted");
    }
    VmNetworkSpec spec = LodgeJson.read(object.spec(), VmNetworkSpec.class);
    AllowedNamespaces.From fallback =
        object.name().equals(DEFAULT) && object.namespace().equals(installationNamespace)
            ? AllowedNamespaces.From.All
            : AllowedNamespaces.From.Same;
    if (!AllowedNamespaces.allows(
        spec.allowedNamespaces(), fallback, object.namespace(), namespace)) {
      return new Resolution.No(
          Reason.NotAllowed,
          "VmNetwork "
              + object.namespace()
              + "/"
              + object.name()
              + " may not be used from namespace "
              + namespace
              + "; set its spec.allowedNamespaces.from: All");
    }
    return see(object)
        .<Resolution>map(Resolution.Yes::new)
        .orElseGet(
            () ->
                new Resolution.No(
                    Reason.NetworkFailed,
                    "no free /24 is left in 10.127.0.0/16; set ipv4.cidr in VmNetwork "
                        + object.name()));
  }

  private Optional<StoredObject> find(String namespace, String name) {
    return store.get(new ObjectKey(ResourceKind.VmNetwork, namespace, name));
  }

  /** The installation's network is made when the first VM needs it. */
  private StoredObject makeDefault() {
    ObjectNode manifest = LodgeJson.mapper().createObjectNode();
    manifest.put("apiVersion", ResourceKind.API_VERSION).put("kind", "VmNetwork");
    manifest.putObject("metadata").put("name", DEFAULT).put("namespace", installationNamespace);
    manifest.putObject("spec").putObject("nat");
    try {
      return store.create(manifest);
    } catch (StoreException e) {
      // A manifest of the same name came in between.
      return find(installationNamespace, DEFAULT).orElseThrow(() -> e);
    }
  }

  /** The network with the subnet that it has, or gets now. */
  private Optional<Network> see(StoredObject object) {
    VmNetworkSpec spec = LodgeJson.read(object.spec(), VmNetworkSpec.class);
    if (spec.ipv4() != null) {
      return Subnet.parse(spec.ipv4().cidr()).map(s -> new Network(object, spec, s));
    }
    String kept = object.status().path("cidr").asText("");
    Optional<Subnet> subnet = Subnet.parse(kept);
    return (subnet.isPresent() ? subnet : AddressPool.freeSubnet(taken()))
        .map(s -> new Network(object, spec, s));
  }

  private List<Subnet> taken() {
    var taken = new ArrayList<Subnet>();
    routes.get().forEach(r -> taken.add(r.subnet()));
    for (StoredObject n : store.list(ResourceKind.VmNetwork).items()) {
      Subnet.parse(n.status().path("cidr").asText("")).ifPresent(taken::add);
      Subnet.parse(n.spec().path("ipv4").path("cidr").asText("")).ifPresent(taken::add);
    }
    return taken;
  }

  private Optional<NetworkOutcome.Refused> ensure(Network network) {
    NetworkPlan plan = plan(network);
    if (plan.equals(told.get(plan.libvirtName()))) {
      return Optional.empty();
    }
    Optional<String> clash = clash(network, plan);
    if (clash.isPresent()) {
      condition(network.object(), null, Condition.Status.False, Reason.NetworkFailed, clash.get());
      return Optional.of(new NetworkOutcome.Refused(Reason.NetworkFailed, clash.get()));
    }
    try {
      hypervisor.ensureNetwork(plan);
    } catch (HypervisorException e) {
      if (e.failure().outcomeUnknown()) {
        throw e;
      }
      String why =
          "VmNetwork " + network.object().name() + " could not be set up: " + e.failure().message();
      condition(network.object(), null, Condition.Status.False, Reason.NetworkFailed, why);
      return Optional.of(new NetworkOutcome.Refused(Reason.NetworkFailed, why));
    }
    told.put(plan.libvirtName(), plan);
    condition(network.object(), plan, Condition.Status.True, Reason.Available, "up on this node");
    return Optional.empty();
  }

  /** A subnet that the host routes elsewhere would cut the host off from it. */
  private Optional<String> clash(Network network, NetworkPlan plan) {
    return routes.get().stream()
        .filter(r -> !r.device().equals(plan.bridge()) && r.subnet().overlaps(network.subnet()))
        .map(
            r ->
                "ipv4.cidr "
                    + network.subnet()
                    + " overlaps "
                    + r.subnet()
                    + ", which this host reaches through "
                    + r.device()
                    + "; choose another")
        .findFirst();
  }

  private NetworkPlan plan(Network network) {
    ObjectKey key = network.object().key();
    var leases = new ArrayList<LeaseNames.Lease>();
    held.forEach(
        (slot, h) -> {
          if (h.network().equals(key)) {
            String namespace = h.vm().substring(0, h.vm().indexOf('/'));
            String nic = slot.substring(slot.indexOf('/') + 1);
            leases.add(new LeaseNames.Lease(namespace, h.name(), nic, h.mac(), h.ip().toString()));
          }
        });
    AddressPool pool = AddressPool.of(network.spec(), network.subnet());
    return new NetworkPlan(
        libvirtName(key),
        network.object().uid(),
        network.object().uid(),
        DomainNames.bridge(key.namespace(), key.name()),
        pool.gateway().toString(),
        network.subnet().prefix(),
        network.spec().dns() == null ? null : network.spec().dns().domain(),
        LeaseNames.hosts(key.namespace(), leases));
  }

  private void condition(
      StoredObject network,
      @Nullable NetworkPlan plan,
      Condition.Status ready,
      Reason reason,
      String message) {
    int used = (int) held.values().stream().filter(h -> h.network().equals(network.key())).count();
    var unused =
        store.changeStatus(
            network.key(),
            network.uid(),
            tree -> {
              VmNetworkStatus before = LodgeJson.read(tree, VmNetworkStatus.class);
              Condition old = before.conditions() == null ? null : before.conditions().getFirst();
              String since =
                  old != null && old.status() == ready
                      ? old.lastTransitionTime()
                      : clock.instant().truncatedTo(ChronoUnit.SECONDS).toString();
              JsonNode now =
                  LodgeJson.mapper()
                      .valueToTree(
                          new VmNetworkStatus(
                              network.generation(),
                              plan == null ? before.libvirtName() : plan.libvirtName(),
                              plan == null ? before.bridge() : plan.bridge(),
                              plan == null
                                  ? before.cidr()
                                  : Subnet.parse(plan.gateway() + "/" + plan.prefix())
                                      .map(Subnet::toString)
                                      .orElse(before.cidr()),
                              plan == null ? before.gateway() : plan.gateway(),
                              used,
                              List.of(
                                  new Condition(
                                      "Ready",
                                      ready,
                                      reason.name(),
                                      message,
                                      network.generation(),
                                      since))));
              return (ObjectNode) now;
            });
  }

  private Map<Ipv4, String> holders(ObjectKey network, String butNot, String mac) {
    var holders = new LinkedHashMap<Ipv4, String>();
    if (!held.containsKey(butNot)) {
      leased(network, mac, holders);
    }
    held.forEach(
        (slot, h) -> {
          if (h.network().equals(network) && !slot.equals(butNot)) {
            holders.put(h.ip(), "VirtualMachine " + h.vm());
          }
        });
    return holders;
  }

  /**
   * dnsmasq gives an address to nobody else while a lease of it runs, not even by a static entry:
   * the address of a VM that was just deleted is not free yet.
   */
  private void leased(ObjectKey network, String mac, Map<Ipv4, String> holders) {
    try {
      for (DhcpLease l : hypervisor.leases(libvirtName(network))) {
        if (!l.mac().equalsIgnoreCase(mac)) {
          Ipv4.parse(l.ip())
              .ifPresent(
                  ip -> holders.put(ip, "a DHCP lease of " + l.mac() + " until " + l.expires()));
        }
      }
    } catch (HypervisorException e) {
      if (!(e.failure() instanceof HypervisorFailure.NotFound)) {
        throw e;
      }
      // The network is not up yet: nobody has a lease.
    }
  }

  private static @Nullable String kept(VirtualMachineStatus status, String nic) {
    for (InterfaceStatus i :
        status.interfaces() == null ? List.<InterfaceStatus>of() : status.interfaces()) {
      if (i.name().equals(nic) && i.ips() != null && !i.ips().isEmpty()) {
        return i.ips().getFirst();
      }
    }
    return null;
  }

  /** What earlier runs of the agent gave stands in the statuses. */
  private void load() {
    if (loaded) {
      return;
    }
    loaded = true;
    for (StoredObject vm : store.list(ResourceKind.VirtualMachine).items()) {
      for (JsonNode i : vm.status().path("interfaces")) {
        String[] network = i.path("network").asText("").split("/", 2);
        Optional<Ipv4> ip = Ipv4.parse(i.path("ips").path(0).asText(""));
        if (network.length == 2 && ip.isPresent()) {
          held.put(
              vm.uid() + "/" + i.path("name").asText(),
              new Held(
                  new ObjectKey(ResourceKind.VmNetwork, network[0], network[1]),
                  vm.namespace() + "/" + vm.name(),
                  vm.uid(),
                  i.path("mac").asText(),
                  ip.get(),
                  vm.name()));
        }
      }
    }
  }

  private static String libvirtName(ObjectKey network) {
    return DomainNames.network(network.namespace(), network.name());
  }
}
