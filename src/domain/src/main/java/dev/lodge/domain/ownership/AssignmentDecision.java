package dev.lodge.domain.ownership;

import dev.lodge.api.common.Condition;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineConditions.Reason;
import org.jspecify.annotations.Nullable;

/**
 * What to do next, and what to say of it.
 *
 * @param action null: wait for an event
 * @param scheduled for the condition Scheduled
 * @param slotLost for the condition SlotLost; null: nothing to say, the condition goes
 * @param failover for the condition FailoverReady; null: nothing to say yet
 */
public record AssignmentDecision(
    @Nullable AssignmentAction action,
    Finding scheduled,
    @Nullable Finding slotLost,
    @Nullable Finding failover) {

  /** A condition without its times. */
  public record Finding(Condition.Status status, Reason reason, String message) {}
}
