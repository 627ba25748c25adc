package dev.lodge.operator.virtualmachine;

import dev.lodge.api.common.Condition;
import dev.lodge.api.common.Condition.Status;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachine;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineConditions;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineConditions.Reason;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineSpec.OnDrain;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineSpec.PowerState;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineStatus;
import dev.lodge.domain.ownership.AssignmentDecision;
import dev.lodge.domain.ownership.AssignmentDecision.Finding;
import dev.lodge.domain.ownership.AssignmentFacts;
import dev.lodge.domain.ownership.AssignmentFacts.Wish;
import dev.lodge.domain.ownership.Slot;
import dev.lodge.operator.needs.Problem;
import dev.lodge.operator.status.StatusTree;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the operator says of a VM in a write of its own, and whether that is worth a write: on the
 * way that success takes nothing is said, as the owner's write says it.
 *
 * @param worthWriting something that a person would miss differs from what the status says
 */
record VmStory(
    @Nullable String phase,
    List<Said> said,
    List<String> unsaid,
    @Nullable Slot slot,
    boolean worthWriting) {

  /** A condition. */
  record Said(String type, Status status, Reason reason, String message) {}

  /**
   * @param decision what was decided, with nothing to do now
   * @param problem why the VM cannot be placed, beyond the decision; null: nothing
   * @param silent the owner's agent is not heard of, and neither is its node
   * @param labels that Lodge asks of a node for this VM
   */
  static VmStory of(
      VirtualMachine vm,
      AssignmentFacts facts,
      AssignmentDecision decision,
      @Nullable Problem problem,
      boolean silent,
      String labels) {
    if (facts.record().held()) {
      return held(vm, facts, decision, silent);
    }
    if (problem != null) {
      return waiting(vm, problem, decision);
    }
    if (facts.wish() == Wish.STOP && decision.action() == null) {
      return off(vm);
    }
    Finding s = decision.scheduled();
    boolean quiet = s.status() == Status.True || s.message().equals("waits for the scheduler");
    String message =
        s.reason() == Reason.Unschedulable
            ? s.message() + " The VM needs a node with the labels " + labels + "."
            : s.message();
    return facts.wish() != Wish.RUN || quiet
        ? new VmStory(null, List.of(), List.of(), null, false)
        : waiting(
            vm, new Problem(VirtualMachineConditions.SCHEDULED, s.reason(), message), decision);
  }

  private static VmStory waiting(VirtualMachine vm, Problem p, AssignmentDecision decision) {
    var said = new ArrayList<Said>();
    said.add(new Said(p.condition(), Status.False, p.reason(), p.message()));
    said.add(new Said(VirtualMachineConditions.READY, Status.False, p.reason(), p.message()));
    failover(decision, said);
    return new VmStory("Pending", said, List.of(), null, differs(vm, said));
  }

  private static VmStory off(VirtualMachine vm) {
    if (Wishes.ended(vm.getStatus()) && vm.getSpec().powerState() != PowerState.PoweredOff) {
      // The agent has said why.
      return new VmStory(null, List.of(), List.of(), null, false);
    }
    var said =
        List.of(
            new Said(
                VirtualMachineConditions.READY,
                Status.False,
                Reason.PoweredOff,
                "powerState is PoweredOff; set it to PoweredOn to start the VM"));
    var unsaid =
        List.of(VirtualMachineConditions.SCHEDULED, VirtualMachineConditions.FAILOVER_READY);
    String phase = vm.getStatus() == null ? null : vm.getStatus().phase();
    boolean stale = !"Stopped".equals(phase) || present(vm, unsaid);
    return new VmStory("Stopped", said, unsaid, null, stale || differs(vm, said));
  }

  /** Where a VM is, and what a drain of that node will do otherwise than was asked for. */
  static Finding scheduled(VirtualMachine vm, AssignmentDecision decision) {
    Finding f = decision.scheduled();
    boolean placed = f.reason() == Reason.Bound || f.reason() == Reason.Draining;
    return placed && vm.getSpec().onDrain() == OnDrain.Migrate
        ? new Finding(
            f.status(),
            f.reason(),
            f.message() + "; onDrain Migrate acts as Stop until live migration is there")
        : f;
  }

  private static VmStory held(
      VirtualMachine vm, AssignmentFacts facts, AssignmentDecision decision, boolean silent) {
    var said = new ArrayList<Said>();
    Finding s = scheduled(vm, decision);
    said.add(new Said(VirtualMachineConditions.SCHEDULED, s.status(), s.reason(), s.message()));
    String phase = null;
    if (silent) {
      phase = "Unknown";
      said.add(
          new Said(
              VirtualMachineConditions.READY, Status.Unknown, Reason.NodeUnknown, s.message()));
    }
    var unsaid = new ArrayList<String>();
    Finding lost = decision.slotLost();
    if (lost != null) {
      said.add(
          new Said(
              VirtualMachineConditions.SLOT_LOST, lost.status(), lost.reason(), lost.message()));
    } else {
      unsaid.add(VirtualMachineConditions.SLOT_LOST);
    }
    boolean worth = differs(vm, said) || present(vm, unsaid);
    failover(decision, said);
    Slot slot = slot(facts);
    return new VmStory(
        phase,
        said,
        unsaid,
        slot,
        worth || slotDiffers(vm, slot) || edited(vm) && differs(vm, said));
  }

  /** The slot that holds the place; while a new one is not bound, none is told. */
  private static @Nullable Slot slot(AssignmentFacts facts) {
    for (Slot s : facts.slots()) {
      if (s.epoch() == facts.record().epoch() && s.node() != null) {
        return s;
      }
    }
    return null;
  }

  private static boolean slotDiffers(VirtualMachine vm, @Nullable Slot slot) {
    VirtualMachineStatus s = vm.getStatus();
    return slot != null
        && (s == null
            || s.slots() == null
            || s.slots().stream().noneMatch(x -> x.uid().equals(slot.uid())));
  }

  private static void failover(AssignmentDecision decision, List<Said> said) {
    Finding f = decision.failover();
    if (f != null) {
      said.add(
          new Said(VirtualMachineConditions.FAILOVER_READY, f.status(), f.reason(), f.message()));
    }
  }

  /** The user changed the spec since the condition was written. */
  private static boolean edited(VirtualMachine vm) {
    Condition c = Wishes.condition(vm.getStatus(), VirtualMachineConditions.FAILOVER_READY);
    return c != null
        && c.observedGeneration() != null
        && !c.observedGeneration().equals(vm.getMetadata().getGeneration());
  }

  private static boolean present(VirtualMachine vm, List<String> types) {
    return types.stream().anyMatch(t -> Wishes.condition(vm.getStatus(), t) != null);
  }

  private static boolean differs(VirtualMachine vm, List<Said> said) {
    for (Said s : said) {
      Condition c = Wishes.condition(vm.getStatus(), s.type());
      if (c == null
          || c.status() != s.status()
          || !c.reason().equals(s.reason().name())
          || !c.message().equals(s.message())) {
        return true;
      }
    }
    return false;
  }

  /** Puts it into a status. */
  void tell(StatusTree status) {
    if (phase != null) {
      status.phase(phase);
    }
    for (Said s : said) {
      status.condition(s.type(), s.status(), s.reason().name(), s.message());
    }
    unsaid.forEach(status::noCondition);
    if (slot != null) {
      status.runSlot(slot);
    }
  }
}
