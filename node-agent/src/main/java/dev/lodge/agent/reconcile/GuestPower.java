package dev.lodge.agent.reconcile;

import dev.lodge.agent.reconcile.VmReconciler.Surroundings;
import dev.lodge.agent.store.ObjectKey;
import dev.lodge.agent.store.StoredObject;
import dev.lodge.api.v1alpha1.virtualmachine.Machine;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineConditions.Reason;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineSpec;
import dev.lodge.domain.hypervisor.DomainId;
import dev.lodge.domain.hypervisor.DomainState;
import dev.lodge.domain.hypervisor.HypervisorException;
import dev.lodge.domain.hypervisor.HypervisorFailure;
import dev.lodge.domain.machine.MachineIdentity;
import dev.lodge.domain.machine.MachinePlan;
import dev.lodge.domain.ownership.OwnershipEvent.StartOutcome;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Starts and stops the guest itself, as the ownership core asks. */
final class GuestPower implements OwnershipDriver.Guest {
  private static final int DEFAULT_GRACE_SECONDS = 60;

  /** A guest that was still booting missed the button: press it again. */
  private static final Duration PRESS_AGAIN = Duration.ofSeconds(5);

  private final Surroundings world;
  private final StoredObject vm;
  private final VirtualMachineSpec spec;
  private final VmRuntime runtime;
  private final WorkLoop<ObjectKey> loop;
  private final Instant now;

  /** Somebody asked for the plug instead of the button. */
  private final boolean forced;

  private Preparation.@Nullable Ready prepared;
  private VmRuntime.@Nullable Failure failure;
  private long createNanos;

  /** A start was tried in this pass. */
  private boolean tried;

  GuestPower(
      Surroundings world,
      StoredObject vm,
      VirtualMachineSpec spec,
      VmRuntime runtime,
      WorkLoop<ObjectKey> loop,
      Instant now,
      boolean forced) {
    this.world = world;
    this.vm = vm;
    this.spec = spec;
    this.runtime = runtime;
    this.loop = loop;
    this.now = now;
    this.forced = forced;
  }

  /** What a start shall build. */
  void prepared(Preparation.Ready ready) {
    prepared = ready;
  }

  /** Why the start in this pass failed; null if there was none or it did not. */
  VmRuntime.@Nullable Failure failure() {
    return failure;
  }

  /** How long the hypervisor took for the start in this pass; 0: there was none. */
  long createNanos() {
    return createNanos;
  }

  @Override
  public StartOutcome start(long epoch) {
    Preparation.Ready ready = prepared;
    if (ready == null) {
      // Not prepared in this pass: the next one prepares first.
      failure = new VmRuntime.Failure(Reason.Starting, "not prepared yet");
      return StartOutcome.FAILED;
    }
    if (tried) {
      // The outcome was in doubt, and a look has shown that there is no QEMU. Once in a pass: what
      // fails again and again must not fill the host with QEMUs that are stopped at once.
      forget();
      return StartOutcome.FAILED;
    }
    tried = true;
    Optional<String> conflict = ready.guard().claim();
    if (conflict.isPresent()) {
      failure = new VmRuntime.Failure(Reason.DiskInUse, conflict.get());
      return StartOutcome.FAILED;
    }
    var run = new NodeRecord.Run(epoch, world.host().bootGeneration(), now.toString(), spec);
    try {
      world.records().change(vm.uid(), before -> before.run(run));
    } catch (IOException e) {
      failure =
          new VmRuntime.Failure(
              Reason.NodeRecordFailed,
              "the node's own record cannot be written: " + e.getMessage());
      return StartOutcome.FAILED;
    }
    world.preparer().starting(vm);
    long began = System.nanoTime();
    try {
      DomainState started = world.hypervisor().start(atEpoch(ready.plan(), epoch));
      createNanos = System.nanoTime() - began;
      runtime.domain = started;
      runtime.adopted = true;
      return verified(ready, started);
    } catch (HypervisorException e) {
      failure = new VmRuntime.Failure(reason(e.failure()), message(e.failure()));
      if (e.failure().outcomeUnknown()) {
        return StartOutcome.UNKNOWN;
      }
      forget();
      return StartOutcome.FAILED;
    }
  }

  /** A QEMU that has not opened the disks it should have must not run on (ownership.md). */
  private StartOutcome verified(Preparation.Ready ready, DomainState started) {
    List<String> missing = started.pid() > 0 ? ready.guard().missing(started.pid()) : List.of();
    if (missing.isEmpty()) {
      return StartOutcome.STARTED;
    }
    world.hypervisor().destroy(started.id());
    createNanos = 0;
    failure =
        new VmRuntime.Failure(
            Reason.DiskFailed,
            "stopped at once: QEMU has not opened disks "
                + missing
                + " for writing; somebody changed their files while it started");
    return StartOutcome.UNKNOWN;
  }

  /** A guest that never ran did not end either. */
  private void forget() {
    try {
      world.records().change(vm.uid(), NodeRecord::withoutRun);
    } catch (IOException e) {
      failure =
          new VmRuntime.Failure(
              Reason.NodeRecordFailed,
              "the node's own record cannot be written: " + e.getMessage());
    }
  }

  private static MachinePlan atEpoch(MachinePlan p, long epoch) {
    MachineIdentity i = p.identity();
    return p.withIdentity(
        new MachineIdentity(i.namespace(), i.name(), i.uid(), i.domainName(), i.uuid(), epoch));
  }

  @Override
  public boolean stop(boolean immediately) {
    DomainState d = runtime.domain;
    if (d == null) {
      return true;
    }
    if (immediately || forced || graceSeconds() == 0 || !hearsButton(d)) {
      if (forced) {
        tellPlugPulled();
      }
      world.hypervisor().destroy(d.id());
      return true;
    }
    press(d.id());
    Instant deadline = now.plusSeconds(graceSeconds());
    runtime.stopping = new VmRuntime.Stopping(deadline, now.plus(PRESS_AGAIN));
    world
        .events()
        .normal(
            vm,
            "Stopping",
            "pressed the power button; the plug follows in " + graceSeconds() + " s");
    loop.wakeIn(vm.key(), shorter(PRESS_AGAIN, Duration.ofSeconds(graceSeconds())));
    return false;
  }

  /**
   * Goes on with a stop that was begun in an earlier pass.
   *
   * @return whether it is over
   */
  boolean goOnStopping() {
    VmRuntime.Stopping s = runtime.stopping;
    if (s == null) {
      return false;
    }
    DomainState d =
        world
            .hypervisor()
            .find(dev.lodge.domain.machine.DomainNames.domain(vm.namespace(), vm.name()))
            .filter(DomainState::active)
            .orElse(null);
    if (d == null || d.owner() == null || !d.owner().uid().equals(vm.uid())) {
      runtime.stopping = null;
      return true;
    }
    if (forced || !now.isBefore(s.deadline())) {
      if (forced) {
        tellPlugPulled();
      } else {
        world
            .events()
            .warning(vm, "Killing", "the guest did not shut down in time; pulled the plug");
      }
      world.hypervisor().destroy(d.id());
      runtime.stopping = null;
      return true;
    }
    if (!now.isBefore(s.pressAgain())) {
      press(d.id());
      runtime.stopping = new VmRuntime.Stopping(s.deadline(), now.plus(PRESS_AGAIN));
    }
    loop.wakeIn(vm.key(), shorter(PRESS_AGAIN, Duration.between(now, s.deadline())));
    return false;
  }

  private void tellPlugPulled() {
    world.events().normal(vm, "Stopping", "pulled the plug, as asked");
  }

  private void press(DomainId id) {
    try {
      world.hypervisor().shutdown(id);
    } catch (HypervisorException e) {
      if (e.failure().outcomeUnknown()) {
        throw e;
      }
      // The guest cannot be asked; the deadline does the rest.
    }
  }

  /** By the spec that the guest was started with: another wish of today gave it no other ACPI. */
  private boolean hearsButton(DomainState d) {
    NodeRecord.Run run =
        world.records().read(vm.uid()) instanceof NodeRecords.Read.Known k
            ? k.record().run()
            : null;
    Machine machine = (run == null ? spec : run.spec()).machine();
    boolean acpi =
        machine == null
            || machine.features() == null
            || machine.features().acpi() != Machine.Toggle.Disabled;
    return acpi && d.power() == DomainState.Power.RUNNING;
  }

  private int graceSeconds() {
    return spec.stop() == null || spec.stop().gracePeriodSeconds() == null
        ? DEFAULT_GRACE_SECONDS
        : spec.stop().gracePeriodSeconds();
  }

  private static Duration shorter(Duration a, Duration b) {
    return a.compareTo(b) < 0 ? a : b;
  }

  private static Reason reason(HypervisorFailure f) {
    return switch (f) {
      case HypervisorFailure.Unavailable _,
          HypervisorFailure.TimedOut _,
          HypervisorFailure.Denied _ ->
          Reason.HypervisorUnavailable;
      case HypervisorFailure.AlreadyExists _ -> Reason.ForeignDomain;
      case HypervisorFailure.Unsupported _, HypervisorFailure.InvalidDefinition _ ->
          Reason.Unsupported;
      case HypervisorFailure.StartFailed _,
          HypervisorFailure.NotFound _,
          HypervisorFailure.Busy _,
          HypervisorFailure.Failed _ ->
          Reason.QemuFailed;
    };
  }

  private static String message(HypervisorFailure f) {
    return f instanceof HypervisorFailure.StartFailed s
            && !s.lastWords().isBlank()
            && !s.message().contains(s.lastWords())
        ? s.message() + "; QEMU's last words: " + s.lastWords()
        : f.message();
  }
}
