package dev.lodge.operator.virtualmachine;

import dev.lodge.api.common.Condition;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachine;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineConditions;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineConditions.Reason;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineSpec.PowerState;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineStatus;
import dev.lodge.domain.ownership.AssignmentFacts.Wish;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What is wished of a VM. Pure. */
final class Wishes {
  private Wishes() {}

  /**
   * Deleted, switched off, or wanted. A guest that ended by itself, and that restartPolicy leaves
   * so, was released by its agent with the reason GuestStopped: it stays down until powerState goes
   * to PoweredOff and back, or a start is asked for.
   */
  static Wish of(VirtualMachine vm) {
    if (vm.getMetadata().getDeletionTimestamp() != null) {
      return Wish.DELETE;
    }
    if (vm.getSpec().powerState() == PowerState.PoweredOff) {
      return Wish.STOP;
    }
    VirtualMachineStatus status = vm.getStatus();
    boolean startAsked =
        status != null
            && status.requests() != null
            && status.requests().stream()
                .anyMatch(r -> r.verb().equals("Start") || r.verb().equals("Restart"));
    return ended(status) && !startAsked ? Wish.STOP : Wish.RUN;
  }

  /** Whether the guest ended by itself in an epoch that its agent let go. */
  static boolean ended(@Nullable VirtualMachineStatus status) {
    if (status == null || !Boolean.TRUE.equals(status.released())) {
      return false;
    }
    Condition ready = condition(status, VirtualMachineConditions.READY);
    return ready != null && ready.reason().equals(Reason.GuestStopped.name());
  }

  static @Nullable Condition condition(@Nullable VirtualMachineStatus status, String type) {
    for (Condition c :
        status == null || status.conditions() == null
            ? List.<Condition>of()
            : status.conditions()) {
      if (c.type().equals(type)) {
        return c;
      }
    }
    return null;
  }
}
