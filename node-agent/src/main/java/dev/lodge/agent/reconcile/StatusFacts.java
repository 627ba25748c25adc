package dev.lodge.agent.reconcile;

import dev.lodge.api.common.Condition;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineConditions;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineConditions.Reason;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineStatus;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineStatus.AwaitingChange;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineStatus.DiskStatus;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineStatus.Hardware;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineStatus.InterfaceStatus;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineStatus.Operation;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineStatus.Request;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a pass found out about a VM, from which its status follows. Pure. */
final class StatusFacts {
  /** {@code status.operations} keeps this many. */
  private static final int KEPT_OPERATIONS = 10;

  final List<Finding> findings = new ArrayList<>();
  final List<Operation> done = new ArrayList<>();
  String phase = "Unknown";
  long generation;
  @Nullable String startedAt;
  @Nullable Hardware hardware;
  @Nullable List<InterfaceStatus> interfaces;
  @Nullable List<DiskStatus> disks;
  List<AwaitingChange> awaiting = List.of();

  /** A condition without its times. */
  record Finding(String type, Condition.Status status, Reason reason, String message) {}

  void find(String type, Condition.Status status, Reason reason, String message) {
    findings.removeIf(f -> f.type().equals(type));
    findings.add(new Finding(type, status, reason, message));
  }

  void ready(String phaseNow, Condition.Status status, Reason reason, String message) {
    phase = phaseNow;
    find(VirtualMachineConditions.READY, status, reason, message);
  }

  /** The status that follows; the ownership record and what was not looked at stay as they are. */
  VirtualMachineStatus apply(VirtualMachineStatus before, Instant now) {
    return new VirtualMachineStatus(
        phase,
        generation,
        before.nodeName(),
        before.epoch(),
        before.claimedBy(),
        before.claimBootGeneration(),
        before.claimNonce(),
        before.released(),
        before.claimedDisks(),
        before.migration(),
        before.slots(),
        startedAt,
        hardware != null ? hardware : before.hardware(),
        interfaces != null ? interfaces : before.interfaces(),
        disks != null ? disks : before.disks(),
        awaiting.isEmpty() ? null : awaiting,
        conditions(before.conditions(), now),
        requests(before.requests()),
        operations(before.operations()));
  }

  private List<Condition> conditions(@Nullable List<Condition> before, Instant now) {
    var all = new ArrayList<Condition>();
    for (Finding f : findings) {
      Condition old = null;
      for (Condition c : before == null ? List.<Condition>of() : before) {
        if (c.type().equals(f.type())) {
          old = c;
        }
      }
      String since =
          old != null && old.status() == f.status()
              ? old.lastTransitionTime()
              : now.truncatedTo(ChronoUnit.SECONDS).toString();
      all.add(
          new Condition(
              f.type(), f.status(), f.reason().name(), clip(f.message()), generation, since));
    }
    return all;
  }

  private @Nullable List<Request> requests(@Nullable List<Request> before) {
    if (before == null) {
      return null;
    }
    List<Request> left =
        before.stream().filter(r -> done.stream().noneMatch(o -> o.id().equals(r.id()))).toList();
    return left.isEmpty() ? null : left;
  }

  private @Nullable List<Operation> operations(@Nullable List<Operation> before) {
    var all = new ArrayList<Operation>(before == null ? List.of() : before);
    for (Operation o : done) {
      // A pass that reports twice finds the same verbs done again.
      if (all.stream().noneMatch(known -> known.id().equals(o.id()))) {
        all.add(o);
      }
    }
    return all.isEmpty()
        ? null
        : all.subList(Math.max(0, all.size() - KEPT_OPERATIONS), all.size());
  }

  /** The CRD's bound of a message. */
  private static String clip(String message) {
    return message.length() <= 4096 ? message : message.substring(0, 4095) + "…";
  }
}
