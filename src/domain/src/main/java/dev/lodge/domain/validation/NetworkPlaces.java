package dev.lodge.domain.validation;

import dev.lodge.api.v1alpha1.virtualmachine.Interface;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineSpec;
import dev.lodge.api.v1alpha1.vmnetwork.VmNetworkSpec;
import dev.lodge.domain.network.Ipv4;
import dev.lodge.domain.network.Subnet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** Subnets among each other, and fixed addresses in their subnet. */
final class NetworkPlaces {
  private NetworkPlaces() {}

  static void check(Known<VmNetworkSpec> network, Inventory inventory, Findings out) {
    Optional<Subnet> subnet = subnet(network);
    if (subnet.isEmpty()) {
      return;
    }
    for (Known<VmNetworkSpec> other : inventory.networks()) {
      boolean overlaps = subnet(other).filter(s -> s.overlaps(subnet.get())).isPresent();
      out.errorIf(
          overlaps && !other.sameAs(network),
          "spec.ipv4.cidr",
          "overlaps with VmNetwork "
              + other.label()
              + " ("
              + subnet(other).map(Subnet::toString).orElse("")
              + "); take another subnet");
    }
    strandedMachines(network, subnet.get(), inventory, out);
  }

  private static void strandedMachines(
      Known<VmNetworkSpec> network, Subnet subnet, Inventory inventory, Findings out) {
    for (Known<VirtualMachineSpec> vm : inventory.machines()) {
      for (Interface nic : interfaces(vm)) {
        boolean here =
            inventory
                .network(nic.networkRef(), vm.namespace())
                .filter(n -> n.sameAs(network))
                .isPresent();
        for (String ip : here ? ips(nic) : List.<String>of()) {
          out.errorIf(
              Ipv4.parse(ip).filter(subnet::isForHosts).isEmpty(),
              "spec.ipv4.cidr",
              "VirtualMachine %s has the fixed address %s, which is not in it; change that first"
                  .formatted(vm.label(), ip));
        }
      }
    }
  }

  /** Checks the fixed addresses of an interface. */
  static void fixed(
      Known<VirtualMachineSpec> vm,
      Interface nic,
      Known<VmNetworkSpec> network,
      Inventory inventory,
      String path,
      Findings out) {
    for (String ip : ips(nic)) {
      Optional<Ipv4> address = Ipv4.parse(ip);
      Optional<Subnet> subnet = subnet(network);
      if (address.isPresent() && subnet.isPresent()) {
        out.errorIf(
            !subnet.get().isForHosts(address.get()),
            path,
            "%s is no address for a VM of VmNetwork %s (%s)"
                .formatted(ip, network.label(), subnet.get()));
        out.errorIf(
            gateway(network, subnet.get()).equals(address.get()),
            path,
            ip + " is the gateway of VmNetwork " + network.label() + "; take another");
      }
      taken(vm, nic, ip, network, inventory, path, out);
    }
  }

  private static void taken(
      Known<VirtualMachineSpec> vm,
      Interface nic,
      String ip,
      Known<VmNetworkSpec> network,
      Inventory inventory,
      String path,
      Findings out) {
    for (Known<VirtualMachineSpec> other : inventory.machines()) {
      if (!other.sameAs(vm)) {
        taken(other, ip, network, inventory, path, out);
      }
    }
    for (Interface own : interfaces(vm)) {
      boolean twice =
          own != nic
              && !own.name().equals(nic.name())
              && ips(own).contains(ip)
              && inventory
                  .network(own.networkRef(), vm.namespace())
                  .filter(n -> n.sameAs(network))
                  .isPresent();
      out.errorIf(twice, path, "interface '" + own.name() + "' has " + ip + " too; remove one");
    }
  }

  private static void taken(
      Known<VirtualMachineSpec> other,
      String ip,
      Known<VmNetworkSpec> network,
      Inventory inventory,
      String path,
      Findings out) {
    for (Interface theirs : interfaces(other)) {
      boolean same =
          ips(theirs).contains(ip)
              && inventory
                  .network(theirs.networkRef(), other.namespace())
                  .filter(n -> n.sameAs(network))
                  .isPresent();
      out.errorIf(same, path, "VirtualMachine " + other.label() + " has " + ip + "; take another");
    }
  }

  private static Ipv4 gateway(Known<VmNetworkSpec> network, Subnet subnet) {
    VmNetworkSpec.Ipv4 ipv4 = network.spec().ipv4();
    String given = ipv4 == null ? null : ipv4.gateway();
    Ipv4 first = subnet.first().plus(1);
    return given == null ? first : Ipv4.parse(given).orElse(first);
  }

  private static Optional<Subnet> subnet(Known<VmNetworkSpec> network) {
    VmNetworkSpec.Ipv4 ipv4 = network.spec().ipv4();
    return ipv4 == null ? Optional.empty() : Subnet.parse(ipv4.cidr());
  }

  private static List<Interface> interfaces(Known<VirtualMachineSpec> vm) {
    return Objects.requireNonNullElse(vm.spec().interfaces(), List.of());
  }

  private static List<String> ips(Interface nic) {
    return Objects.requireNonNullElse(nic.ips(), List.of());
  }
}
