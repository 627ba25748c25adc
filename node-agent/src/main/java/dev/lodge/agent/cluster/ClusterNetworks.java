package dev.lodge.agent.cluster;

import dev.lodge.agent.log.Log;
import dev.lodge.agent.network.HostRoutes;
import dev.lodge.agent.network.NetworkOutcome;
import dev.lodge.agent.network.VmNetworks;
import dev.lodge.agent.reconcile.ClaimGuard;
import dev.lodge.agent.store.NodeStore;
import dev.lodge.agent.store.ObjectKey;
import dev.lodge.agent.store.StoredObject;
import dev.lodge.agent.store.UnreachableException;
import dev.lodge.api.ResourceKind;
import dev.lodge.api.v1alpha1.virtualmachine.Interface;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineConditions.Reason;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineSpec;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineStatus;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineStatus.InterfaceStatus;
import dev.lodge.api.v1alpha1.vmnetwork.VmNetworkSpec;
import dev.lodge.domain.hypervisor.Hypervisor;
import dev.lodge.domain.hypervisor.HypervisorException;
import dev.lodge.domain.machine.DomainNames;
import dev.lodge.domain.machine.NetworkPlan;
import dev.lodge.domain.network.AddressPool;
import dev.lodge.domain.network.LeaseNames;
import dev.lodge.domain.network.Subnet;
import dev.lodge.domain.plan.PlanRequest;
import dev.lodge.domain.plan.SpecDefaults;
import dev.lodge.manifest.LodgeJson;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A cluster's networks on this node. Addresses are the operator's to give: they stand in the VM's
 * status, and are used as given. The network itself is made here when the first VM needs it, alike
 * on every node, and goes with the VmNetwork.
 */
final class ClusterNetworks implements VmNetworks {
  private final NodeStore store;
  private final Hypervisor hypervisor;
  private final ClaimGuard guard;
  private final Supplier<List<HostRoutes.Route>> routes;

  /** What libvirt was last told of a network; empty after a reconnect. */
  private final Map<String, NetworkPlan> told = new LinkedHashMap<>();

  /** VmNetworks that are gone, while this node may still have something of them. */
  private final Set<ObjectKey> retired = ConcurrentHashMap.newKeySet();

  ClusterNetworks(
      NodeStore store,
      Hypervisor hypervisor,
      ClaimGuard guard,
      Supplier<List<HostRoutes.Route>> routes) {
    this.store = store;
    this.hypervisor = hypervisor;
    this.guard = guard;
    this.routes = routes;
  }

  @Override
  public synchronized NetworkOutcome prepare(
      StoredObject vm, VirtualMachineSpec spec, VirtualMachineStatus status) {
    var nics = new LinkedHashMap<String, PlanRequest.Nic>();
    var interfaces = new ArrayList<InterfaceStatus>();
    for (Interface nic : SpecDefaults.interfaces(spec)) {
      String field = "interfaces[" + nic.name() + "]";
      InterfaceStatus given = given(status, nic.name());
      if (given == null || given.mac() == null || given.network() == null) {
        return new NetworkOutcome.Refused(
            Reason.NetworkFailed, field + " has not been given its address by the operator yet");
      }
      String[] name = given.network().split("/", 2);
      Optional<StoredObject> network =
          name.length == 2
              ? store.get(new ObjectKey(ResourceKind.VmNetwork, name[0], name[1]))
              : Optional.empty();
      if (network.isEmpty()) {
        return new NetworkOutcome.Refused(
            Reason.NotFound, field + ": VmNetwork " + given.network() + " does not exist");
      }
      Optional<NetworkOutcome.Refused> failed = ensure(network.get(), vm, status);
      if (failed.isPresent()) {
        return failed.get();
      }
      String tap = DomainNames.tap(vm.uid(), nic.name());
      nics.put(
          nic.name(), new PlanRequest.Nic(DomainNames.network(name[0], name[1]), given.mac(), tap));
      interfaces.add(
          new InterfaceStatus(
              nic.name(),
              given.mac(),
              given.network(),
              given.ips(),
              given.source() == null ? "Given" : given.source(),
              tap,
              nic.linkState() == null ? Interface.LinkState.Up : nic.linkState()));
    }
    return new NetworkOutcome.Ready(nics, interfaces);
  }

  private static @Nullable InterfaceStatus given(VirtualMachineStatus status, String name) {
    return status.interfaces() == null
        ? null
        : status.interfaces().stream().filter(i -> i.name().equals(name)).findFirst().orElse(null);
  }

  private Optional<NetworkOutcome.Refused> ensure(
      StoredObject network, StoredObject vm, VirtualMachineStatus status) {
    String what = "VmNetwork " + network.namespace() + "/" + network.name();
    VmNetworkSpec spec = LodgeJson.read(network.spec(), VmNetworkSpec.class);
    Optional<Subnet> subnet = subnet(network, spec);
    if (subnet.isEmpty()) {
      return refused(Reason.NetworkFailed, what + " has no subnet; set its spec.ipv4.cidr");
    }
    NetworkPlan plan = plan(network, spec, subnet.get(), vm, status);
    if (plan.equals(told.get(plan.libvirtName()))) {
      return Optional.empty();
    }
    Optional<String> clash = clash(subnet.get(), plan);
    if (clash.isPresent()) {
      return refused(Reason.NetworkFailed, what + ": " + clash.get());
    }
    try {
      hypervisor.ensureNetwork(plan);
    } catch (HypervisorException e) {
      if (e.failure().outcomeUnknown()) {
        throw e;
      }
      return refused(Reason.NetworkFailed, what + " could not be set up: " + e.failure().message());
    }
    told.put(plan.libvirtName(), plan);
    return Optional.empty();
  }

  private static Optional<NetworkOutcome.Refused> refused(Reason reason, String message) {
    return Optional.of(new NetworkOutcome.Refused(reason, message));
  }

  private static Optional<Subnet> subnet(StoredObject network, VmNetworkSpec spec) {
    return Subnet.parse(
        spec.ipv4() == null ? network.status().path("cidr").asText("") : spec.ipv4().cidr());
  }

  /** With the leases of all VMs of this node; {@code vm} may be newer than the store knows. */
  private NetworkPlan plan(
      StoredObject network,
      VmNetworkSpec spec,
      Subnet subnet,
      @Nullable StoredObject vm,
      VirtualMachineStatus status) {
    ObjectKey key = network.key();
    var leases = new ArrayList<LeaseNames.Lease>();
    if (vm != null) {
      leases(key, vm, status, leases);
    }
    for (StoredObject other : store.list(ResourceKind.VirtualMachine).items()) {
      if (vm == null || !other.key().equals(vm.key())) {
        leases(key, other, LodgeJson.read(other.status(), VirtualMachineStatus.class), leases);
      }
    }
    return new NetworkPlan(
        DomainNames.network(key.namespace(), key.name()),
        network.uid(),
        network.uid(),
        DomainNames.bridge(key.namespace(), key.name()),
        AddressPool.of(spec, subnet).gateway().toString(),
        subnet.prefix(),
        spec.dns() == null ? null : spec.dns().domain(),
        LeaseNames.hosts(key.namespace(), leases));
  }

  private static void leases(
      ObjectKey network,
      StoredObject vm,
      VirtualMachineStatus status,
      List<LeaseNames.Lease> leases) {
    String name = network.namespace() + "/" + network.name();
    for (InterfaceStatus i :
        status.interfaces() == null ? List.<InterfaceStatus>of() : status.interfaces()) {
      String mac = i.mac();
      List<String> ips = i.ips();
      if (name.equals(i.network()) && mac != null && ips != null && !ips.isEmpty()) {
        leases.add(new LeaseNames.Lease(vm.namespace(), vm.name(), i.name(), mac, ips.getFirst()));
      }
    }
  }

  /** A subnet that the host routes elsewhere would cut the host off from it. */
  private Optional<String> clash(Subnet subnet, NetworkPlan plan) {
    return routes.get().stream()
        .filter(r -> !r.device().equals(plan.bridge()) && r.subnet().overlaps(subnet))
        .map(
            r ->
                "its subnet "
                    + subnet
                    + " overlaps "
                    + r.subnet()
                    + ", which this node reaches through "
                    + r.device()
                    + "; choose another spec.ipv4.cidr")
        .findFirst();
  }

  /** Its static leases go with the next change of the network. */
  @Override
  public void deleted(StoredObject vm) {}

  /**
   * A VmNetwork is gone: {@link #settle} removes what this node has of it. Takes no lock, as
   * whoever tells it may hold one.
   */
  void retire(ObjectKey network) {
    retired.add(network);
  }

  /**
   * Brings up what VMs of this node use, as libvirtd may have lost it, and removes what is gone and
   * no longer used. One network that cannot be brought up keeps no other down.
   *
   * @return false: something is left to be done later
   */
  synchronized boolean settle() {
    told.clear();
    boolean done = true;
    for (StoredObject network : store.list(ResourceKind.VmNetwork).items()) {
      VmNetworkSpec spec = LodgeJson.read(network.spec(), VmNetworkSpec.class);
      Optional<Subnet> subnet = subnet(network, spec);
      if (used(network.key()) && subnet.isPresent()) {
        NetworkPlan plan = plan(network, spec, subnet.get(), null, VirtualMachineStatus.empty());
        done &= bringUp(plan);
      }
    }
    for (ObjectKey network : List.copyOf(retired)) {
      if (store.get(network).isPresent() || remove(network)) {
        retired.remove(network);
      } else {
        done = false;
      }
    }
    return done;
  }

  private boolean bringUp(NetworkPlan plan) {
    try {
      hypervisor.ensureNetwork(plan);
      told.put(plan.libvirtName(), plan);
      return true;
    } catch (HypervisorException e) {
      Log.warn("network", "cannot be brought up", "network", plan.libvirtName(), "why", why(e));
      return false;
    }
  }

  /** Not under a guest, and not because an API server that was wiped knows nothing of it. */
  private boolean remove(ObjectKey network) {
    try {
      if (used(network) || guard.refusal().isPresent()) {
        return false;
      }
      hypervisor.removeNetwork(DomainNames.network(network.namespace(), network.name()));
      return true;
    } catch (HypervisorException e) {
      Log.warn("network", "cannot be removed", "network", network.toString(), "why", why(e));
      return false;
    } catch (UnreachableException e) {
      return false;
    }
  }

  private static String why(HypervisorException e) {
    return e.failure().message();
  }

  private boolean used(ObjectKey network) {
    String name = network.namespace() + "/" + network.name();
    for (StoredObject vm : store.list(ResourceKind.VirtualMachine).items()) {
      for (var i : vm.status().path("interfaces")) {
        if (i.path("network").asText().equals(name)) {
          return true;
        }
      }
    }
    return false;
  }
}
