package dev.lodge.agent.reconcile;

import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineSpec;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineSpec.PowerState;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineSpec.RestartPolicy;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineStatus.Request;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Whether a VM should run now, from all that has a say in it. Pure. */
public sealed interface PowerDecision {

  /** It should run. */
  record Run() implements PowerDecision {}

  /** It should not, and why. */
  record Stay(Why why) implements PowerDecision {}

  /** It should stop first and then run again: a restart that somebody asked for. */
  record Cycle(Request request) implements PowerDecision {}

  /** Why a VM should not run. */
  enum Why {
    POWERED_OFF,
    DELETING,
    /** Its slot is to leave this node: the node is drained, or the slot was deleted. */
    LEAVING,
    /** Another node owns it, or none. */
    ELSEWHERE,
    GUEST_ENDED
  }

  /**
   * @param leaving its place on this node is being given up
   * @param ended how the guest ended by itself the last time, unless somebody started it since
   * @param epoch of the guest that runs now; 0: none
   */
  static PowerDecision decide(
      VirtualMachineSpec spec,
      boolean deleting,
      boolean leaving,
      NodeRecord.@Nullable Ended ended,
      List<Request> requests,
      long epoch) {
    if (deleting) {
      return new Stay(Why.DELETING);
    }
    if (spec.powerState() == PowerState.PoweredOff) {
      return new Stay(Why.POWERED_OFF);
    }
    if (leaving) {
      return new Stay(Why.LEAVING);
    }
    for (Request r : requests) {
      // With nothing running the stop is done, by whomever: the guest may have shut down while no
      // agent was there, and a new one is what was asked for.
      if (r.verb().equals("Restart") && (epoch == 0 || r.epoch() != null && r.epoch() == epoch)) {
        return new Cycle(r);
      }
    }
    if (ended == null || requests.stream().anyMatch(r -> r.verb().equals("Start"))) {
      return new Run();
    }
    RestartPolicy policy =
        spec.restartPolicy() == null ? RestartPolicy.OnFailure : spec.restartPolicy();
    boolean again =
        switch (policy) {
          case Always -> true;
          case Never -> false;
          case OnFailure -> ended.failed();
        };
    return again ? new Run() : new Stay(Why.GUEST_ENDED);
  }
}
