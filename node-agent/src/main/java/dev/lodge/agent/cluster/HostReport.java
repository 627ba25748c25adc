package dev.lodge.agent.cluster;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lodge.agent.log.Log;
import dev.lodge.agent.reconcile.WorkLoop;
import dev.lodge.agent.store.NodeStore;
import dev.lodge.agent.store.ObjectKey;
import dev.lodge.agent.store.StatusWrite;
import dev.lodge.api.common.Condition;
import dev.lodge.api.v1alpha1.vmhost.VmHostConditions;
import dev.lodge.api.v1alpha1.vmhost.VmHostConditions.Reason;
import dev.lodge.api.v1alpha1.vmhost.VmHostStatus.Capabilities;
import dev.lodge.domain.hypervisor.HostCapabilities;
import dev.lodge.domain.hypervisor.Hypervisor;
import dev.lodge.domain.hypervisor.HypervisorEvent;
import dev.lodge.domain.hypervisor.HypervisorException;
import dev.lodge.manifest.LodgeJson;
import java.time.Clock;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.stream.Stream;

/** What the host can do and whether libvirt is reached, in the VmHost; written when it changes. */
final class HostReport implements AutoCloseable {
  private static final String KEY = "host";
  private static final Duration RETRY = Duration.ofSeconds(10);

  private final NodeStore store;
  private final ObjectKey host;
  private final String uid;
  private final Hypervisor hypervisor;
  private final Clock clock;
  private final WorkLoop<String> loop =
      new WorkLoop<>("host-report", 1, _ -> report(), fault -> Log.fault("host", fault));
  private volatile String away = "libvirt is not reached yet";

  HostReport(NodeStore store, ObjectKey host, String uid, Hypervisor hypervisor, Clock clock) {
    this.store = store;
    this.host = host;
    this.uid = uid;
    this.hypervisor = hypervisor;
    this.clock = clock;
  }

  void heard(HypervisorEvent event) {
    switch (event) {
      case HypervisorEvent.Connected _ -> tell("");
      case HypervisorEvent.Disconnected e -> tell("libvirt cannot be reached: " + e.why());
      case HypervisorEvent.DomainChanged _, HypervisorEvent.DomainEnded _ -> {}
    }
  }

  private void tell(String why) {
    away = why;
    loop.wake(KEY);
  }

  private void report() {
    String why = away;
    HostCapabilities can = null;
    if (why.isEmpty()) {
      try {
        can = hypervisor.capabilities();
      } catch (HypervisorException e) {
        why = "libvirt cannot be asked: " + e.failure().message();
      }
    }
    HostCapabilities known = can;
    String missing = why;
    StatusWrite written = store.changeStatus(host, uid, tree -> overlay(tree, known, missing));
    if (!(written instanceof StatusWrite.Applied || written instanceof StatusWrite.Gone)
        || !missing.isEmpty()) {
      loop.wakeIn(KEY, RETRY);
    }
  }

  private ObjectNode overlay(
      ObjectNode tree, @org.jspecify.annotations.Nullable HostCapabilities can, String missing) {
    if (can == null) {
      condition(
          tree,
          VmHostConditions.READY,
          Condition.Status.False,
          Reason.HypervisorUnavailable,
          missing + "; guests that run go on running");
      return tree;
    }
    tree.set("capabilities", LodgeJson.tree(capabilities(can)));
    condition(
        tree, VmHostConditions.READY, Condition.Status.True, Reason.Available, "can start VMs");
    condition(
        tree,
        VmHostConditions.KVM_USABLE,
        can.kvm().usable() ? Condition.Status.True : Condition.Status.False,
        can.kvm().usable() ? Reason.Available : Reason.NoKvm,
        can.kvm().why());
    return tree;
  }

  static Capabilities capabilities(HostCapabilities can) {
    List<HostCapabilities.Guest> guests =
        can.guests().stream().filter(g -> g.arch().equals("x86_64")).toList();
    return new Capabilities(
        "x86_64",
        can.libvirtVersion(),
        can.hypervisorVersion(),
        can.kvm().present(),
        null,
        names(
            guests.stream()
                .flatMap(g -> g.machines().stream())
                .map(HostCapabilities.MachineType::canonical)),
        names(
            guests.stream()
                .filter(g -> g.virtualization().equals("KVM") == can.kvm().present())
                .flatMap(g -> g.cpuModels().stream())
                .filter(HostCapabilities.CpuModel::usable)
                .map(HostCapabilities.CpuModel::name)),
        null);
  }

  private static List<String> names(Stream<String> names) {
    return names.distinct().sorted().limit(256).toList();
  }

  private void condition(
      ObjectNode tree, String type, Condition.Status status, Reason reason, String message) {
    ArrayNode all = tree.withArrayProperty("conditions");
    String since = clock.instant().truncatedTo(ChronoUnit.SECONDS).toString();
    for (int i = 0; i < all.size(); i++) {
      if (all.get(i).path("type").asText().equals(type)) {
        if (all.get(i).path("status").asText().equals(status.name())) {
          since = all.get(i).path("lastTransitionTime").asText(since);
        }
        all.set(
            i, LodgeJson.tree(new Condition(type, status, reason.name(), message, null, since)));
        return;
      }
    }
    all.add(LodgeJson.tree(new Condition(type, status, reason.name(), message, null, since)));
  }

  @Override
  public void close() {
    loop.close();
  }
}
