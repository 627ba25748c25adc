package dev.lodge.agent.reconcile;

import dev.lodge.agent.reconcile.VmMetrics.Phase;
import dev.lodge.agent.reconcile.VmReconciler.Surroundings;
import dev.lodge.agent.store.ObjectKey;
import dev.lodge.agent.store.StoredObject;
import dev.lodge.api.ResourceKind;
import dev.lodge.api.v1alpha1.hostresource.HostResourceSpec;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineConditions.Reason;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineSpec;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineStatus;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineStatus.Request;
import dev.lodge.domain.machine.MachinePlan.Virtualization;
import dev.lodge.domain.ownership.ClaimedDisks;
import dev.lodge.domain.ownership.NameableDisks;
import dev.lodge.domain.ownership.Ownership.Wish;
import dev.lodge.domain.ownership.OwnershipEvent;
import dev.lodge.manifest.LodgeJson;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A start within one pass: is it time, is all there, then claim and create. */
final class GuestStart {
  private final Surroundings world;
  private final StoredObject vm;
  private final VirtualMachineSpec spec;
  private final VirtualMachineStatus status;
  private final VmRuntime runtime;
  private final WorkLoop<ObjectKey> loop;
  private final OwnershipDriver ownership;
  private final GuestPower power;
  private final Instant now;
  private final long began = System.nanoTime();

  private @Nullable Preparation preparation;

  GuestStart(
      Surroundings world,
      StoredObject vm,
      VirtualMachineSpec spec,
      VirtualMachineStatus status,
      VmRuntime runtime,
      WorkLoop<ObjectKey> loop,
      OwnershipDriver ownership,
      GuestPower power,
      Instant now) {
    this.world = world;
    this.vm = vm;
    this.spec = spec;
    this.status = status;
    this.runtime = runtime;
    this.loop = loop;
    this.ownership = ownership;
    this.power = power;
    this.now = now;
  }

  /** What was provided for a start in this pass; null: nothing was tried. */
  @Nullable Preparation preparation() {
    return preparation;
  }

  /**
   * Begins a start, unless it has to wait or is refused.
   *
   * @return whether the guest runs now
   */
  boolean begin(List<Request> requests) {
    boolean asked =
        requests.stream().anyMatch(r -> r.verb().equals("Start") || r.verb().equals("Restart"));
    if (now.isBefore(runtime.notBefore) && !asked) {
      loop.wakeIn(vm.key(), Duration.between(now, runtime.notBefore));
      return false;
    }
    Optional<String> refusal = ownership.refusal();
    if (refusal.isPresent()) {
      fail(new VmRuntime.Failure(Reason.NodeRecordFailed, refusal.get()));
      return false;
    }
    if (!(prepared() instanceof Preparation.Ready ready)) {
      // Not even claimed; a claim of an earlier guest is let go, so that nobody waits for it.
      ownership.drive(new OwnershipEvent.WishChanged(Wish.STOP));
      if (preparation instanceof Preparation.NotReady n && !n.waiting()) {
        fail(new VmRuntime.Failure(n.reason(), n.message()));
      }
      return false;
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
      world
          .events()
          .normal(
              vm,
              "Started",
              "started on "
                  + (ready.plan().virtualization() == Virtualization.KVM ? "KVM" : "emulation")
                  + " as "
                  + ready.plan().machineType());
      return true;
    }
    if (power.failure() != null) {
      fail(power.failure());
    }
    return false;
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
    if (runtime.absent()) {
      world.preparer().released(vm);
    }
    runtime.failure = failure;
    runtime.failures++;
    Duration wait = Backoff.after(runtime.failures);
    runtime.notBefore = now.plus(wait);
    world.metrics().startFailed(failure.reason().name());
    loop.wakeIn(vm.key(), wait);
  }
}
