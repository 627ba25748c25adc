package dev.lodge.agent.network;

import dev.lodge.api.common.Condition;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineConditions.Reason;
import dev.lodge.api.v1alpha1.vmnetwork.VmNetworkStatus;
import dev.lodge.domain.machine.NetworkPlan;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What became of a network, for its status. */
record NetworkReport(
    Condition.Status ready,
    Reason reason,
    String message,
    @Nullable SeenNetwork up,
    @Nullable NetworkPlan plan) {

  /** Not up; what was known of it stays. */
  static NetworkReport failed(Reason reason, String message) {
    return new NetworkReport(Condition.Status.False, reason, message, null, null);
  }

  static NetworkReport up(SeenNetwork network, NetworkPlan plan) {
    return new NetworkReport(
        Condition.Status.True, Reason.Available, "up on this node", network, plan);
  }

  /** The status that follows on this one. */
  VmNetworkStatus after(VmNetworkStatus before, long generation, int used, Instant now) {
    Condition old = before.conditions() == null ? null : before.conditions().getFirst();
    String since =
        old != null && old.status() == ready
            ? old.lastTransitionTime()
            : now.truncatedTo(ChronoUnit.SECONDS).toString();
    return new VmNetworkStatus(
        generation,
        plan == null ? before.libvirtName() : plan.libvirtName(),
        plan == null ? before.bridge() : plan.bridge(),
        up == null ? before.cidr() : up.subnet().toString(),
        plan == null ? before.gateway() : plan.gateway(),
        used,
        List.of(new Condition("Ready", ready, reason.name(), message, generation, since)));
  }
}
