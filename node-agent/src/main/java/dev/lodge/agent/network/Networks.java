package dev.lodge.agent.network;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lodge.agent.store.ObjectKey;
import dev.lodge.agent.store.ObjectStore;
import dev.lodge.agent.store.StoredObject;
import dev.lodge.api.ResourceKind;
import dev.lodge.api.v1alpha1.virtualmachine.Interface;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineConditions.Reason;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineSpec;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineStatus;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineStatus.InterfaceStatus;
import dev.lodge.api.v1alpha1.vmnetwork.VmNetworkStatus;
import dev.lodge.domain.hypervisor.DhcpLease;
import dev.lodge.domain.hypervisor.Hypervisor;
import dev.lodge.domain.hypervisor.HypervisorException;
import dev.lodge.domain.hypervisor.HypervisorFailure;
import dev.lodge.domain.machine.DomainNames;
import dev.lodge.domain.machine.NetworkPlan;
import dev.lodge.domain.network.AddressPool.Given;
import dev.lodge.domain.network.Ipv4;
import dev.lodge.domain.network.MacAddresses;
import dev.lodge.domain.plan.PlanRequest;
import dev.lodge.domain.plan.SpecDefaults;
import dev.lodge.manifest.LodgeJson;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Gives addresses and keeps libvirt's networks as they are wished. The addresses in use are those
 * in the statuses of VMs, and {@link HeldAddresses}.
 *
 * <p>One lock over all of it: giving is quick, and two VMs that start at once must not get one
 * address.
 */
public final class Networks implements VmNetworks {
  private static final String USED = "addressesUsed";

  private final ObjectStore store;
  private final Hypervisor hypervisor;
  private final String installationId;
  private final Supplier<List<HostRoutes.Route>> routes;
  private final Clock clock;
  private final NetworkChoice choice;
  private final HeldAddresses held = new HeldAddresses();

  /** What libvirt was last told of a network; empty after a reconnect. */
  private final Map<String, NetworkPlan> told = new LinkedHashMap<>();

  private boolean loaded;

  /** Hears of networks whose count of addresses changed. */
  private volatile Consumer<ObjectKey> counted = this::reportUse;

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
    this.routes = routes;
    this.clock = clock;
    this.choice = new NetworkChoice(store, installationNamespace, routes);
  }

  /**
   * Who shall call {@link #reconcile} when addresses were given or came free: to write how many
   * there are is nothing that the start of a VM has to wait for. Without this they are written at
   * once.
   */
  public void countedBy(Consumer<ObjectKey> loop) {
    counted = loop;
  }

  /** Brings up what the VM's interfaces need and gives each its addresses. */
  @Override
  public synchronized NetworkOutcome prepare(
      StoredObject vm, VirtualMachineSpec spec, VirtualMachineStatus status) {
    load();
    var nics = new LinkedHashMap<String, PlanRequest.Nic>();
    var interfaces = new ArrayList<InterfaceStatus>();
    var networks = new LinkedHashMap<ObjectKey, SeenNetwork>();
    for (Interface nic : SpecDefaults.interfaces(spec)) {
      String field = "interfaces[" + nic.name() + "]";
      SeenNetwork network;
      switch (choice.choose(vm.namespace(), nic.networkRef())) {
        case NetworkChoice.Choice.No no -> {
          return new NetworkOutcome.Refused(no.reason(), field + ".networkRef: " + no.message());
        }
        case NetworkChoice.Choice.Yes yes -> network = yes.network();
      }
      networks.put(network.key(), network);
      String mac =
          nic.mac() != null
              ? nic.mac()
              : MacAddresses.derive(installationId, vm.namespace(), vm.name(), nic.name());
      Ipv4 ip;
      switch (give(vm, nic, mac, network, status)) {
        case Given.InUse no -> {
          return new NetworkOutcome.Refused(Reason.AddressInUse, field + ".ips: " + no.message());
        }
        case Given.Refused no -> {
          return new NetworkOutcome.Refused(Reason.InvalidSpec, field + ".ips: " + no.message());
        }
        case Given.Address address -> ip = address.ip();
      }
      String tap = DomainNames.tap(vm.uid(), nic.name());
      nics.put(nic.name(), new PlanRequest.Nic(SeenNetwork.libvirtName(network.key()), mac, tap));
      interfaces.add(
          new InterfaceStatus(
              nic.name(),
              mac,
              network.key().namespace() + "/" + network.key().name(),
              List.of(ip.toString()),
              "Given",
              tap,
              nic.linkState() == null ? Interface.LinkState.Up : nic.linkState()));
    }
    for (SeenNetwork network : networks.values()) {
      Optional<NetworkOutcome.Refused> failed = ensure(network);
      if (failed.isPresent()) {
        return failed.get();
      }
    }
    return new NetworkOutcome.Ready(nics, interfaces);
  }

  /** The VM is gone: its addresses are free, and its static leases go. */
  @Override
  public synchronized void deleted(StoredObject vm) {
    load();
    held.free(vm.uid());
    for (StoredObject network : store.list(ResourceKind.VmNetwork).items()) {
      if (network.deleting()) {
        remove(network); // it may have waited for this VM
      } else if (told.containsKey(SeenNetwork.libvirtName(network.key()))) {
        choice.see(network).ifPresent(this::ensure);
      }
    }
  }

  /** libvirtd may have lost its networks: each is looked at again when it is next needed. */
  public synchronized void forgetWhatLibvirtHas() {
    told.clear();
  }

  /** Brings a network that exists up again, or changes it; a network nobody used stays down. */
  public void reconcile(ObjectKey key) {
    bringUp(key);
    reportUse(key);
  }

  private synchronized void bringUp(ObjectKey key) {
    load();
    Optional<StoredObject> network = store.get(key);
    if (network.isEmpty()) {
      return;
    }
    if (network.get().deleting()) {
      remove(network.get());
      return;
    }
    if (held.count(key) > 0 || network.get().status().path("libvirtName").isTextual()) {
      choice.see(network.get()).ifPresent(this::ensure);
    }
  }

  /** Leases that dnsmasq has handed out. */
  public List<DhcpLease> leases(ObjectKey network) {
    return hypervisor.leases(SeenNetwork.libvirtName(network));
  }

  private void load() {
    if (!loaded) {
      loaded = true;
      held.load(store.list(ResourceKind.VirtualMachine).items());
    }
  }

  /** The interface's address, which is held for it from here on. */
  private Given give(
      StoredObject vm,
      Interface nic,
      String mac,
      SeenNetwork network,
      VirtualMachineStatus status) {
    var slot = new HeldAddresses.Slot(vm.uid(), nic.name());
    List<DhcpLease> leases = held.has(slot) ? List.of() : leasesIfUp(network.key());
    String wish = nic.ips() == null || nic.ips().isEmpty() ? null : nic.ips().getFirst();
    Given given =
        network
            .pool()
            .give(wish, kept(status, nic.name()), held.holders(network.key(), slot, mac, leases));
    if (given instanceof Given.Address address) {
      held.put(
          slot,
          new HeldAddresses.Held(network.key(), vm.namespace(), vm.name(), mac, address.ip()));
    }
    return given;
  }

  private List<DhcpLease> leasesIfUp(ObjectKey network) {
    try {
      return leases(network);
    } catch (HypervisorException e) {
      if (!(e.failure() instanceof HypervisorFailure.NotFound)) {
        throw e;
      }
      return List.of(); // it is not up yet: nobody has a lease
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

  private Optional<NetworkOutcome.Refused> ensure(SeenNetwork network) {
    NetworkPlan plan = network.plan(held.leases(network.key()));
    if (plan.equals(told.get(plan.libvirtName()))) {
      return Optional.empty();
    }
    Optional<String> clash = network.clash(plan, routes.get());
    if (clash.isPresent()) {
      return failed(network, clash.get());
    }
    try {
      hypervisor.ensureNetwork(plan);
    } catch (HypervisorException e) {
      if (e.failure().outcomeUnknown()) {
        throw e;
      }
      return failed(
          network,
          "VmNetwork " + network.key().name() + " could not be set up: " + e.failure().message());
    }
    NetworkPlan before = told.put(plan.libvirtName(), plan);
    if (before != null && before.withHosts(List.of()).equals(plan.withHosts(List.of()))) {
      counted.accept(network.key());
    } else {
      // The subnet that it got must be known before anybody looks for a free one.
      report(network.object(), NetworkReport.up(network, plan));
    }
    return Optional.empty();
  }

  private Optional<NetworkOutcome.Refused> failed(SeenNetwork network, String why) {
    report(network.object(), NetworkReport.failed(Reason.NetworkFailed, why));
    return Optional.of(new NetworkOutcome.Refused(Reason.NetworkFailed, why));
  }

  private void remove(StoredObject network) {
    List<String> users = held.users(network.key());
    if (!users.isEmpty()) {
      report(
          network,
          NetworkReport.failed(
              Reason.Deleting,
              "still used by " + String.join(", ", users) + "; it goes when they are gone"));
      return;
    }
    String libvirtName = SeenNetwork.libvirtName(network.key());
    hypervisor.removeNetwork(libvirtName);
    told.remove(libvirtName);
    store.finish(network.key(), network.uid());
  }

  private void report(StoredObject network, NetworkReport report) {
    int used = held.count(network.key());
    var unused =
        store.changeStatus(
            network.key(),
            network.uid(),
            tree ->
                (ObjectNode)
                    LodgeJson.mapper()
                        .valueToTree(
                            report.after(
                                LodgeJson.read(tree, VmNetworkStatus.class),
                                network.generation(),
                                used,
                                clock.instant())));
  }

  /** Again if it changed meanwhile: others write it too. */
  private void reportUse(ObjectKey key) {
    int used;
    do {
      used = used(key);
      Optional<StoredObject> network = store.get(key);
      JsonNode written = network.map(n -> n.status().path(USED)).orElse(MissingNode.getInstance());
      if (network.isPresent() && written.isInt() && written.asInt() != used) {
        int now = used;
        var unused =
            store.changeStatus(key, network.get().uid(), tree -> tree.deepCopy().put(USED, now));
      }
    } while (used(key) != used);
  }

  private synchronized int used(ObjectKey key) {
    return held.count(key);
  }
}
