package dev.lodge.agent.reconcile;

import static dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineConditions.ACCELERATED;
import static dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineConditions.IMAGES_READY;
import static dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineConditions.NETWORKS_READY;
import static dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineConditions.RESTART_REQUIRED;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lodge.agent.reconcile.VmMetrics.Phase;
import dev.lodge.agent.reconcile.VmReconciler.Surroundings;
import dev.lodge.agent.store.ObjectKey;
import dev.lodge.agent.store.StatusWrite;
import dev.lodge.agent.store.StoredObject;
import dev.lodge.api.ResourceKind;
import dev.lodge.api.common.Condition.Status;
import dev.lodge.api.v1alpha1.hostresource.HostResourceSpec;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineConditions.Reason;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineSpec;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineStatus;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineStatus.Request;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineStatus.Slot;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineStatus.SlotRole;
import dev.lodge.domain.hypervisor.HypervisorEvent.DomainEnded.How;
import dev.lodge.domain.hypervisor.HypervisorException;
import dev.lodge.domain.machine.DomainNames;
import dev.lodge.domain.machine.MachinePlan.Virtualization;
import dev.lodge.domain.ownership.ClaimedDisks;
import dev.lodge.domain.ownership.DomainView;
import dev.lodge.domain.ownership.NameableDisks;
import dev.lodge.domain.ownership.Ownership.Wish;
import dev.lodge.domain.ownership.OwnershipEvent;
import dev.lodge.domain.ownership.OwnershipRecord;
import dev.lodge.manifest.LodgeJson;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One look at one VM: observe, decide, act, report. */
final class VmPass {
  private static final Duration HYPERVISOR_RETRY = Duration.ofSeconds(5);
  private static final Duration SETBACK_RETRY = Duration.ofSeconds(5);
  private static final Duration UNTOLD_WAIT = Duration.ofSeconds(4);

  private final Surroundings world;
  private final StoredObject vm;
  private final VmRuntime runtime;
  private final WorkLoop<ObjectKey> loop;
  private final OwnershipDriver ownership;
  private final GuestPower power;
  private final VirtualMachineSpec spec;
  private final VirtualMachineStatus status;
  private final StatusFacts facts = new StatusFacts();
  private final Instant now;
  private final long began = System.nanoTime();

  private NodeRecord record = NodeRecord.first();
  private @Nullable Preparation preparation;

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
      if (endsHere(decision) && !report(decision)) {
        return true; // told first: the operator would take it for one to be started elsewhere
      }
      act(decision);
      if (decision instanceof PowerDecision.Stay s && s.why() == PowerDecision.Why.ELSEWHERE) {
        // Its status is its owner's to write.
        vacate();
        return true;
      }
      boolean unused = report(decision);
      vacate();
      if (decision instanceof PowerDecision.Stay s && s.why() == PowerDecision.Why.DELETING) {
        finishDeletion();
      }
      return true;
    } catch (HypervisorException e) {
      hypervisorUnavailable(e);
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
    if (absent() && !stoppedByUs && runtime.stopping == null && endedByItself()) {
      guestEnded();
    }
  }

  private boolean absent() {
    return runtime.ownership.domain() instanceof DomainView.Absent;
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
    long epoch = runtime.ownership.domain() instanceof DomainView.Active a ? a.epoch() : 0;
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
        if (stay.why() == PowerDecision.Why.POWERED_OFF && absent() && record.ended() != null) {
          writeEnded(null);
        }
        if (absent()) {
          world.preparer().released(vm);
          runtime.adopted = false;
        }
        runtime.failures = 0;
        runtime.failure = null;
      }
      case PowerDecision.Cycle _ -> {
        ownership.drive(new OwnershipEvent.WishChanged(Wish.STOP));
        if (absent()) {
          start();
        }
      }
      case PowerDecision.Run _ -> {
        if (absent()) {
          start();
        }
      }
    }
    if (runtime.ownership.running()) {
      new LiveWork(world, vm, spec, runtime, record, facts, now).carryOut(requests());
    }
    retryAfterSetback();
  }

  private void start() {
    boolean asked =
        requests().stream().anyMatch(r -> r.verb().equals("Start") || r.verb().equals("Restart"));
    if (now.isBefore(runtime.notBefore) && !asked) {
      loop.wakeIn(vm.key(), Duration.between(now, runtime.notBefore));
      return;
    }
    Optional<String> refusal = ownership.refusal();
    if (refusal.isPresent()) {
      fail(new VmRuntime.Failure(Reason.NodeRecordFailed, refusal.get()));
      return;
    }
    if (!(prepared() instanceof Preparation.Ready ready)) {
      // Not even claimed; a claim of an earlier guest is let go, so that nobody waits for it.
      ownership.drive(new OwnershipEvent.WishChanged(Wish.STOP));
      if (preparation instanceof Preparation.NotReady n && !n.waiting()) {
        fail(new VmRuntime.Failure(n.reason(), n.message()));
      }
      return;
    }
    runtime.waitingSince = null;
    world.metrics().started(Phase.PREPARE, Duration.ofNanos(System.nanoTime() - began));
    power.prepared(ready);
    long claimBegan = System.nanoTime();
    ownership.drive(new OwnershipEvent.WishChanged(Wish.RUN, fingerprint()));
    // Also where the reply to the start was lost, and a look has shown that the guest runs.
    if (runtime.ownership.running() && (power.createNanos() > 0 || power.failure() != null)) {
      runtime.failure = null;
      if (power.createNanos() > 0) {
        long end = System.nanoTime();
        world.metrics().started(Phase.CREATE, Duration.ofNanos(power.createNanos()));
        world
            .metrics()
            .started(Phase.CLAIM, Duration.ofNanos(end - claimBegan - power.createNanos()));
        world.metrics().started(Phase.TOTAL, Duration.ofNanos(end - began));
      }
      readNodeRecord();
      world
          .events()
          .normal(
              vm,
              "Started",
              "started on "
                  + (ready.plan().virtualization() == Virtualization.KVM ? "KVM" : "emulation")
                  + " as "
                  + ready.plan().machineType());
    } else if (power.failure() != null) {
      fail(power.failure());
    }
  }

  /** What the start would open of what others could name, as the operator has locked it (R11). */
  private @Nullable String fingerprint() {
    return world.host().assigns()
        ? null
        : ClaimedDisks.fingerprint(
            NameableDisks.of(spec, this::hostResource, world.host().nodeName()));
  }

  private @Nullable HostResourceSpec hostResource(String name) {
    return world
        .store()
        .get(new ObjectKey(ResourceKind.HostResource, "", name))
        .map(r -> LodgeJson.read(r.spec(), HostResourceSpec.class))
        .orElse(null);
  }

  /** Asks once in a pass; images, disks and networks do not change under it. */
  private Preparation prepared() {
    if (preparation == null) {
      preparation = world.preparer().prepare(vm, spec, status);
    }
    return preparation;
  }

  private void fail(VmRuntime.Failure failure) {
    if (!failure.equals(runtime.failure)) {
      world.events().warning(vm, failure.reason().name(), failure.message());
    }
    if (absent()) {
      world.preparer().released(vm);
    }
    runtime.failure = failure;
    runtime.failures++;
    Duration wait = Backoff.after(runtime.failures);
    runtime.notBefore = now.plus(wait);
    world.metrics().startFailed(failure.reason().name());
    loop.wakeIn(vm.key(), wait);
  }

  private void retryAfterSetback() {
    if (ownership.setback() != null) {
      loop.wakeIn(vm.key(), SETBACK_RETRY);
    }
  }

  /** The guest ended by itself and stays so, which in a cluster only its node knows. */
  private boolean endsHere(PowerDecision decision) {
    return !world.host().assigns()
        && absent()
        && decision instanceof PowerDecision.Stay s
        && s.why() == PowerDecision.Why.GUEST_ENDED;
  }

  /**
   * Tells what was found.
   *
   * @return whether it is written
   */
  private boolean report(PowerDecision decision) {
    facts.generation = vm.generation();
    facts.startedAt = absent() || record.run() == null ? null : record.run().startedAt();
    settleRequests();
    if (preparation instanceof Preparation.Ready ready) {
      // What is planned while an older guest runs is not what that guest has.
      if (absent() || power.createNanos() > 0 || status.hardware() == null) {
        facts.hardware = ready.hardware();
        facts.interfaces = ready.interfaces();
        facts.disks = ready.disks();
      }
      facts.find(IMAGES_READY, Status.True, Reason.Available, "every image is on this node");
      facts.find(NETWORKS_READY, Status.True, Reason.Available, "every network is up on this node");
      boolean kvm = ready.plan().virtualization() == Virtualization.KVM;
      facts.find(
          ACCELERATED,
          kvm ? Status.True : Status.False,
          kvm ? Reason.KVM : Reason.Emulated,
          ready.acceleration());
    } else {
      keep(IMAGES_READY);
      keep(NETWORKS_READY);
      keep(ACCELERATED);
    }
    new VmStory(runtime, record, preparation, ownership.setback(), now).tell(decision, facts);
    facts.find(
        RESTART_REQUIRED,
        facts.awaiting.isEmpty() ? Status.False : Status.True,
        facts.awaiting.isEmpty() ? Reason.UpToDate : Reason.ChangesAwaitRestart,
        facts.awaiting.isEmpty()
            ? "the guest has all of the spec"
            : facts.awaiting.size()
                + " change(s) wait for a restart (status.restartAwaitingChanges); apply them with: lodge restart "
                + vm.name());
    if (preparation instanceof Preparation.NotReady n && n.waiting() && waitsBriefly()) {
      return true;
    }
    return write();
  }

  /** In a cluster a start that waits for a moment only costs no write of its own. */
  private boolean waitsBriefly() {
    if (world.host().assigns()) {
      return false;
    }
    Instant since = runtime.waitingSince;
    if (since == null) {
      runtime.waitingSince = now;
      since = now;
    }
    Duration left = Duration.between(now, since.plus(UNTOLD_WAIT));
    if (left.isPositive()) {
      loop.wakeIn(vm.key(), left);
      return true;
    }
    return false;
  }

  private void keep(String type) {
    if (status.conditions() != null) {
      status.conditions().stream()
          .filter(c -> c.type().equals(type))
          .findFirst()
          .ifPresent(c -> facts.find(type, c.status(), Reason.valueOf(c.reason()), c.message()));
    }
  }

  /** A start is done once the guest runs, a restart once another guest runs. */
  private void settleRequests() {
    long epoch = runtime.ownership.domain() instanceof DomainView.Active a ? a.epoch() : 0;
    for (Request r : requests()) {
      boolean started = runtime.ownership.running();
      boolean done =
          switch (r.verb()) {
            case "Start" -> started;
            case "Restart" -> started && (r.epoch() == null || epoch > r.epoch());
            case "Stop" -> absent();
            default -> false;
          };
      if (done) {
        facts.done.add(LiveWork.done(r, now, null));
      } else if (runtime.failure != null
          && (r.verb().equals("Start") || r.verb().equals("Restart"))
          && absent()) {
        facts.done.add(LiveWork.done(r, now, runtime.failure.message()));
      }
    }
  }

  private void hypervisorUnavailable(HypervisorException e) {
    runtime.hint(null);
    facts.generation = vm.generation();
    facts.startedAt = status.startedAt();
    facts.awaiting =
        status.restartAwaitingChanges() == null ? List.of() : status.restartAwaitingChanges();
    keep(IMAGES_READY);
    keep(NETWORKS_READY);
    keep(ACCELERATED);
    keep(RESTART_REQUIRED);
    facts.ready(
        "Unknown",
        Status.Unknown,
        Reason.HypervisorUnavailable,
        e.failure().message() + "; guests that run go on running");
    boolean unused = write();
    loop.wakeIn(vm.key(), HYPERVISOR_RETRY);
  }

  /** In a cluster another node may own it since this pass began; then its status is that node's. */
  private boolean writable(ObjectNode tree) {
    return world.host().assigns() || tree.path("nodeName").asText().equals(world.host().nodeName());
  }

  private boolean write() {
    StatusWrite written =
        world
            .store()
            .changeStatus(
                vm.key(),
                vm.uid(),
                tree ->
                    writable(tree)
                        ? VmTree.overlay(tree, facts.apply(VmTree.status(tree), now))
                        : tree);
    String why =
        switch (written) {
          case StatusWrite.Failed f -> f.why();
          case StatusWrite.Unknown u -> u.why();
          case StatusWrite.Conflict _ -> "it changes too fast";
          case StatusWrite.Applied _, StatusWrite.Gone _ -> null;
        };
    if (why == null) {
      runtime.unwritten = null;
      return true;
    }
    if (loop.closed()) {
      // The agent stops, and with it its store: the next one writes.
      return false;
    }
    // The status says what it said before: an event, which needs no disk, tells what is wrong.
    if (!why.equals(runtime.unwritten)) {
      world
          .events()
          .warning(
              vm,
              Reason.NodeRecordFailed.name(),
              "the status cannot be written and is out of date: " + why);
    }
    runtime.unwritten = why;
    loop.wakeIn(vm.key(), SETBACK_RETRY);
    return false;
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
        || !absent()) {
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
