package dev.lodge.agent.reconcile;

import dev.lodge.agent.reconcile.VmReconciler.Surroundings;
import dev.lodge.agent.store.ObjectKey;
import dev.lodge.agent.store.StoredObject;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineConditions.Reason;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineSpec;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineStatus;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineStatus.Request;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineStatus.Slot;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineStatus.SlotRole;
import dev.lodge.domain.hypervisor.HypervisorEvent.DomainEnded.How;
import dev.lodge.domain.hypervisor.HypervisorException;
import dev.lodge.domain.machine.DomainNames;
import dev.lodge.domain.ownership.DomainView;
import dev.lodge.domain.ownership.Ownership.Wish;
import dev.lodge.domain.ownership.OwnershipEvent;
import dev.lodge.domain.ownership.OwnershipRecord;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One look at one VM: observe, decide, act, report. */
final class VmPass {
  private final Surroundings world;
  private final StoredObject vm;
  private final VmRuntime runtime;
  private final WorkLoop<ObjectKey> loop;
  private final OwnershipDriver ownership;
  private final GuestPower power;
  private final GuestStart start;
  private final VmReport report;
  private final VirtualMachineSpec spec;
  private final VirtualMachineStatus status;
  private final Instant now;

  private NodeRecord record = NodeRecord.first();

  VmPass(Surroundings world, StoredObject vm, VmRuntime runtime, WorkLoop<ObjectKey> loop) {
    this.world = world;
    this.vm = vm;
    this.runtime = runtime;
    this.loop = loop;
    this.spec = VmTree.spec(vm);
    this.status = VmTree.status(vm);
    this.now = world.clock().instant();
    this.power = new GuestPower(world, vm, spec, runtime, loop, now, forced());
    this.ownership =
        new OwnershipDriver(
            vm.key(),
            runtime,
            world.store(),
            world.records(),
            world.hypervisor(),
            world.guard(),
            power);
    this.start = new GuestStart(world, vm, spec, status, runtime, loop, ownership, power, now);
    this.report = new VmReport(world, vm, runtime, loop, status, now);
  }

  /**
   * Runs it.
   *
   * @return whether the hypervisor answered
   */
  boolean run() {
    try {
      observe();
      PowerDecision decision = decide();
      if (endsHere(decision) && !tell(decision)) {
        return true; // told first: the operator would take it for one to be started elsewhere
      }
      act(decision);
      if (decision instanceof PowerDecision.Stay s && s.why() == PowerDecision.Why.ELSEWHERE) {
        // Its status is its owner's to write.
        vacate();
        return true;
      }
      boolean unused = tell(decision);
      vacate();
      if (decision instanceof PowerDecision.Stay s && s.why() == PowerDecision.Why.DELETING) {
        finishDeletion();
      }
      return true;
    } catch (HypervisorException e) {
      report.hypervisorUnavailable(e);
      return false;
    }
  }

  /** Learns what is, and how a guest that is gone came to its end. */
  private void observe() {
    if (!world.host().assigns()) {
      // In a cluster a pass begins with a live read, which answers for all of it (R2).
      ownership.fresh(vm);
      ownership.drive(new OwnershipEvent.RecordChanged());
    }
    if (runtime.fencedThrough > runtime.ownership.host().fencedThrough()) {
      ownership.drive(new OwnershipEvent.HostChanged(runtime.fencedThrough));
    }
    boolean stoppedByUs = runtime.stopping != null && power.goOnStopping();
    if (stoppedByUs) {
      // Under the wish to stop, so that the epoch ends with its guest: a restart counts by epochs.
      ownership.stopped();
    } else if (runtime.stopping == null && runtime.takeStale()) {
      // While a stop is under way it looks by itself, and the core must not forget whom it stops.
      ownership.drive(new OwnershipEvent.DomainChanged());
    }
    if (world.host().assigns()) {
      // Every pass reads the record live (R2): what an earlier pass read may be old.
      ownership.drive(new OwnershipEvent.RecordChanged());
    }
    ownership.drive(new OwnershipEvent.WishChanged(Wish.KEEP));
    readNodeRecord();
    if (runtime.domain != null && runtime.ownership.running() && !runtime.adopted) {
      NodeRecord.Run run = record.run();
      world.preparer().adopted(vm, run == null ? spec : run.spec(), runtime.domain.pid());
      runtime.adopted = true;
    }
    if (runtime.absent() && !stoppedByUs && runtime.stopping == null && endedByItself()) {
      guestEnded();
    }
  }

  /**
   * The guest that was started last is gone, in this boot, without a stop that was carried through.
   */
  private boolean endedByItself() {
    NodeRecord.Run run = record.run();
    return run != null
        && record.ended() == null
        && run.epoch() > record.releasedThrough()
        && run.bootGeneration() == world.host().bootGeneration();
  }

  private void guestEnded() {
    How seen = runtime.takeHint();
    How how =
        seen != null && seen != How.UNKNOWN
            ? seen
            : world.hypervisor().lastEnd(DomainNames.domain(vm.namespace(), vm.name()));
    var ended =
        new NodeRecord.Ended(
            switch (how) {
              case SHUTDOWN -> NodeRecord.Ended.How.Shutdown;
              case CRASHED, DESTROYED -> NodeRecord.Ended.How.Crash;
              case UNKNOWN -> NodeRecord.Ended.How.Unknown;
            },
            now.toString());
    writeEnded(ended);
    world.metrics().guestEnded(ended.how().name());
    world
        .events()
        .normal(
            vm,
            "GuestEnded",
            "the guest ended by itself: " + ended.how().name().toLowerCase(java.util.Locale.ROOT));
    if (ended.failed()) {
      NodeRecord.Run run = record.run();
      boolean steady =
          run != null
              && Duration.between(Instant.parse(run.startedAt()), now).compareTo(Backoff.STEADY)
                  > 0;
      runtime.failures = steady ? 1 : runtime.failures + 1;
      // The first restart follows at once; only a row of crashes waits.
      runtime.notBefore =
          runtime.failures == 1 ? now : now.plus(Backoff.after(runtime.failures - 1));
    }
  }

  private PowerDecision decide() {
    long epoch = runtime.activeEpoch();
    if (!world.host().assigns() && !world.host().nodeName().equals(status.nodeName())) {
      return new PowerDecision.Stay(PowerDecision.Why.ELSEWHERE);
    }
    boolean leaving = slotsHere().stream().anyMatch(s -> Boolean.TRUE.equals(s.leaving()));
    return PowerDecision.decide(spec, vm.deleting(), leaving, record.ended(), requests(), epoch);
  }

  private void act(PowerDecision decision) {
    if (runtime.ownership.domain() instanceof DomainView.Foreign) {
      // Ours is certainly not there: what was claimed for it is nobody's.
      world.preparer().released(vm);
      runtime.adopted = false;
      if (decision instanceof PowerDecision.Stay) {
        ownership.drive(new OwnershipEvent.WishChanged(Wish.STOP));
      }
      return;
    }
    switch (decision) {
      case PowerDecision.Stay stay -> {
        ownership.drive(new OwnershipEvent.WishChanged(Wish.STOP));
        if (stay.why() == PowerDecision.Why.POWERED_OFF
            && runtime.absent()
            && record.ended() != null) {
          writeEnded(null);
        }
        if (runtime.absent()) {
          world.preparer().released(vm);
          runtime.adopted = false;
        }
        runtime.failures = 0;
        runtime.failure = null;
      }
      case PowerDecision.Cycle _ -> {
        ownership.drive(new OwnershipEvent.WishChanged(Wish.STOP));
        if (runtime.absent()) {
          start();
        }
      }
      case PowerDecision.Run _ -> {
        if (runtime.absent()) {
          start();
        }
      }
    }
    if (runtime.ownership.running()) {
      new LiveWork(world, vm, spec, runtime, record, report.facts(), now).carryOut(requests());
    }
    retryAfterSetback();
  }

  private void start() {
    if (start.begin(requests())) {
      readNodeRecord();
    }
  }

  private boolean tell(PowerDecision decision) {
    return report.tell(
        decision, record, start.preparation(), power.createNanos() > 0, ownership.setback());
  }

  private void retryAfterSetback() {
    if (ownership.setback() != null) {
      loop.wakeIn(vm.key(), VmReport.SETBACK_RETRY);
    }
  }

  /** The guest ended by itself and stays so, which in a cluster only its node knows. */
  private boolean endsHere(PowerDecision decision) {
    return !world.host().assigns()
        && runtime.absent()
        && decision instanceof PowerDecision.Stay s
        && s.why() == PowerDecision.Why.GUEST_ENDED;
  }

  /** The places that hold the VM here: slot pods of a cluster. */
  private List<Slot> slotsHere() {
    return status.slots() == null
        ? List.of()
        : status.slots().stream()
            .filter(
                s ->
                    s.role() == SlotRole.Run
                        && (s.nodeName() == null || s.nodeName().equals(world.host().nodeName())))
            .toList();
  }

  /**
   * A place that is to go is given up once nothing runs in it and the record says so, never before.
   * Others are the operator's to take away: their pods would begin anew.
   */
  private void vacate() {
    OwnershipRecord held = runtime.ownership.record();
    if (world.host().assigns()
        || held == null
        || held.heldBy(world.host().nodeName())
        || !runtime.absent()) {
      return;
    }
    for (Slot slot : slotsHere()) {
      if (Boolean.TRUE.equals(slot.leaving())) {
        world.slots().end(slot);
      }
    }
  }

  private void finishDeletion() {
    if (runtime.ownership.settledStopped()) {
      world.preparer().deleted(vm, spec);
      world.store().finish(vm.key(), vm.uid());
    }
  }

  private void readNodeRecord() {
    if (world.records().read(vm.uid()) instanceof NodeRecords.Read.Known k) {
      record = k.record();
    }
  }

  /**
   * Into the record as it is by now: the ownership core writes there too, and no mark of it goes.
   */
  private void writeEnded(NodeRecord.@Nullable Ended how) {
    try {
      record = world.records().change(vm.uid(), now -> now.ended(how));
    } catch (IOException e) {
      runtime.failure =
          new VmRuntime.Failure(Reason.NodeRecordFailed, String.valueOf(e.getMessage()));
    }
  }

  private boolean forced() {
    return requests().stream()
        .anyMatch(
            r ->
                Boolean.TRUE.equals(r.force())
                    && (r.verb().equals("Stop") || r.verb().equals("Restart")));
  }

  private List<Request> requests() {
    return status.requests() == null ? List.of() : status.requests();
  }
}
