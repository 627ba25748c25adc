package dev.lodge.agent.reconcile;

import static dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineConditions.ACCELERATED;
import static dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineConditions.IMAGES_READY;
import static dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineConditions.NETWORKS_READY;
import static dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineConditions.RESTART_REQUIRED;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lodge.agent.reconcile.VmReconciler.Surroundings;
import dev.lodge.agent.store.ObjectKey;
import dev.lodge.agent.store.StatusWrite;
import dev.lodge.agent.store.StoredObject;
import dev.lodge.api.common.Condition.Status;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineConditions.Reason;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineStatus;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineStatus.Request;
import dev.lodge.domain.hypervisor.HypervisorException;
import dev.lodge.domain.machine.MachinePlan.Virtualization;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a pass tells in the VM's status, and when that is worth a write. */
final class VmReport {
  /** Until what could not be written is tried again. */
  static final Duration SETBACK_RETRY = Duration.ofSeconds(5);

  private static final Duration HYPERVISOR_RETRY = Duration.ofSeconds(5);
  private static final Duration UNTOLD_WAIT = Duration.ofSeconds(4);

  private final Surroundings world;
  private final StoredObject vm;
  private final VmRuntime runtime;
  private final WorkLoop<ObjectKey> loop;
  private final VirtualMachineStatus status;
  private final Instant now;
  private final StatusFacts facts = new StatusFacts();

  VmReport(
      Surroundings world,
      StoredObject vm,
      VmRuntime runtime,
      WorkLoop<ObjectKey> loop,
      VirtualMachineStatus status,
      Instant now) {
    this.world = world;
    this.vm = vm;
    this.runtime = runtime;
    this.loop = loop;
    this.status = status;
    this.now = now;
  }

  /** Where the work on a guest that runs notes what it did. */
  StatusFacts facts() {
    return facts;
  }

  private List<Request> requests() {
    return status.requests() == null ? List.of() : status.requests();
  }

  /**
   * Tells what was found.
   *
   * @param record as it is by now
   * @param preparation of a start in this pass; null: none was tried
   * @param created a guest was made in this pass
   * @param setback why a durable write of the protocol did not go through
   * @return whether it is written
   */
  boolean tell(
      PowerDecision decision,
      NodeRecord record,
      @Nullable Preparation preparation,
      boolean created,
      @Nullable String setback) {
    facts.generation = vm.generation();
    facts.startedAt = runtime.absent() || record.run() == null ? null : record.run().startedAt();
    settleRequests();
    if (preparation instanceof Preparation.Ready ready) {
      // What is planned while an older guest runs is not what that guest has.
      if (runtime.absent() || created || status.hardware() == null) {
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
    new VmStory(runtime, record, preparation, setback, now).tell(decision, facts);
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
    long epoch = runtime.activeEpoch();
    for (Request r : requests()) {
      boolean started = runtime.ownership.running();
      boolean done =
          switch (r.verb()) {
            case "Start" -> started;
            case "Restart" -> started && (r.epoch() == null || epoch > r.epoch());
            case "Stop" -> runtime.absent();
            default -> false;
          };
      if (done) {
        facts.done.add(LiveWork.done(r, now, null));
      } else if (runtime.failure != null
          && (r.verb().equals("Start") || r.verb().equals("Restart"))
          && runtime.absent()) {
        facts.done.add(LiveWork.done(r, now, runtime.failure.message()));
      }
    }
  }

  void hypervisorUnavailable(HypervisorException e) {
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
}
