package dev.lodge.agent.reconcile;

import static dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineConditions.ACCELERATED;

import dev.lodge.api.common.Condition.Status;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineConditions.Reason;
import dev.lodge.domain.hypervisor.DomainState;
import dev.lodge.domain.ownership.DomainView;
import dev.lodge.domain.ownership.NodeEntry;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Phase and Ready of a VM, in words: what it does, why, and what to do about it. Pure. */
final class VmStory {
  private final VmRuntime vm;
  private final NodeRecord record;
  private final @Nullable Preparation preparation;
  private final @Nullable String setback;
  private final Instant now;

  VmStory(
      VmRuntime vm,
      NodeRecord record,
      @Nullable Preparation preparation,
      @Nullable String setback,
      Instant now) {
    this.vm = vm;
    this.record = record;
    this.preparation = preparation;
    this.setback = setback;
    this.now = now;
  }

  void tell(PowerDecision decision, StatusFacts facts) {
    switch (vm.ownership.domain()) {
      case DomainView.Foreign f ->
          facts.ready("Failed", Status.False, Reason.ForeignDomain, f.why());
      case DomainView.Active _ -> active(decision, facts);
      case DomainView.Landed _ ->
          facts.ready(
              "Migrating",
              Status.False,
              Reason.Starting,
              "the guest's memory has arrived; it waits for the other node to hand over");
      case DomainView.Unknown _ ->
          facts.ready("Unknown", Status.Unknown, Reason.HypervisorUnavailable, "not looked at yet");
      case DomainView.Absent _ -> absent(decision, facts);
    }
  }

  private void active(PowerDecision decision, StatusFacts facts) {
    if (vm.stopping != null) {
      PowerDecision.Why why = decision instanceof PowerDecision.Stay s ? s.why() : null;
      facts.ready(
          "Stopping",
          Status.False,
          why == PowerDecision.Why.DELETING
              ? Reason.Deleting
              : why == PowerDecision.Why.LEAVING ? Reason.Draining : Reason.Stopping,
          "asked the guest to shut down; the plug is pulled at " + vm.stopping.deadline());
      return;
    }
    DomainState d = vm.domain;
    switch (d == null ? DomainState.Power.RUNNING : d.power()) {
      case RUNNING, SHUTTING_DOWN ->
          facts.ready("Running", Status.True, Reason.Running, "the guest runs");
      case PAUSED -> {
        boolean io = d != null && d.reason().contains("I/O");
        facts.ready(
            "Paused",
            Status.False,
            io ? Reason.IoError : Reason.Paused,
            io
                ? "paused by an I/O error of a disk; mend the storage, then: lodge resume"
                : "paused; let it run on with: lodge resume");
      }
      case CRASHED ->
          facts.ready(
              "Failed",
              Status.False,
              Reason.GuestPanicked,
              "the guest panicked and is kept for a look (machine.onCrash: Preserve); end it with: lodge restart --force");
      case OFF -> facts.ready("Stopped", Status.False, Reason.GuestStopped, "the guest ended");
    }
  }

  private void absent(PowerDecision decision, StatusFacts facts) {
    if (vm.ownership.entry() instanceof NodeEntry.Unreadable u) {
      facts.ready(
          "Failed",
          Status.False,
          Reason.NodeRecordFailed,
          "nothing is started: the node's own record cannot be read: "
              + u.why()
              + "; restore it, or remove it if the VM surely runs nowhere");
      return;
    }
    if (setback != null) {
      facts.ready("Pending", Status.False, Reason.NodeRecordFailed, setback + "; tried again soon");
      return;
    }
    if (decision instanceof PowerDecision.Stay stay) {
      switch (stay.why()) {
        case POWERED_OFF ->
            facts.ready(
                "Stopped",
                Status.False,
                Reason.PoweredOff,
                "powerState is PoweredOff; start it with: lodge start");
        case DELETING -> facts.ready("Stopping", Status.False, Reason.Deleting, "being deleted");
        case LEAVING, ELSEWHERE ->
            facts.ready(
                "Stopping",
                Status.False,
                Reason.Draining,
                "stopped to leave this node; it starts again where the scheduler places it");
        case GUEST_ENDED -> {
          boolean clean = record.ended() == null || !record.ended().failed();
          facts.ready(
              clean ? "Stopped" : "Failed",
              Status.False,
              Reason.GuestStopped,
              (clean ? "the guest shut down by itself" : "the guest crashed")
                  + " and restartPolicy leaves it so; start it with: lodge start");
        }
      }
      return;
    }
    if (preparation instanceof Preparation.NotReady n) {
      facts.find(n.condition(), Status.False, n.reason(), n.message());
      facts.ready(n.waiting() ? "Provisioning" : "Failed", Status.False, n.reason(), n.message());
      return;
    }
    if (vm.failure != null) {
      String next =
          vm.notBefore.isAfter(now)
                  && vm.ownership.host().assigns() // no write per try in a cluster
              ? "; next try in "
                  + Math.max(1, Duration.between(now, vm.notBefore).toSeconds())
                  + " s"
              : "";
      facts.ready("Failed", Status.False, vm.failure.reason(), vm.failure.message() + next);
      facts.findings.removeIf(f -> f.type().equals(ACCELERATED));
      return;
    }
    if (vm.notBefore.isAfter(now)) {
      facts.ready(
          "Pending",
          Status.False,
          Reason.BackingOff,
          "the guest crashed "
              + vm.failures
              + " times in a row; it is started again at "
              + vm.notBefore
              + "; look at: lodge logs");
      return;
    }
    facts.ready("Starting", Status.False, Reason.Starting, "being started");
  }
}
