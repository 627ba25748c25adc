package dev.lodge.agent.reconcile;

import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineStatus.Operation;
import dev.lodge.domain.hypervisor.DomainState;
import dev.lodge.domain.hypervisor.HypervisorEvent.DomainEnded.How;
import dev.lodge.domain.ownership.DomainView;
import dev.lodge.domain.ownership.Host;
import dev.lodge.domain.ownership.Ownership;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the agent remembers of a VM between passes. All of it can be lost: the durable parts are the
 * status and the {@link NodeRecord}. Only the VM's own pass touches it, but for {@link #hint}.
 */
final class VmRuntime {
  final String uid;

  /** Written by the VM's own pass, read by others too. */
  volatile Ownership.State ownership;

  /** The domain as seen last; null: none, or not known. */
  @Nullable DomainState domain;

  /**
   * The ACPI stop under way: when the plug is pulled, and when the button is pressed again. Read by
   * others too.
   */
  volatile @Nullable Stopping stopping;

  /** The disks of the guest that runs are known to be its own. */
  boolean adopted;

  /** Boots of the node that are over, as its VmHost says; the core hears of it in the next pass. */
  long fencedThrough;

  /** Verbs that were carried out and stand in the status as asked for still, by their id. */
  final Map<String, Operation> carriedOut = new HashMap<>();

  /** Starts that failed in a row, and when the next may be tried. */
  int failures;

  Instant notBefore = Instant.EPOCH;

  /** Since when the next start waits for images or volumes; null: it does not. */
  @Nullable Instant waitingSince;

  /** Why the last start failed; null after one that did not. */
  @Nullable Failure failure;

  /** Why the status could not be written the last time; null: it was. */
  @Nullable String unwritten;

  /** How libvirt said that the domain ended; written by the event thread. */
  private volatile @Nullable How hint;

  /** Set by the event thread: what is known of the domain may be old. */
  private volatile boolean stale;

  record Stopping(Instant deadline, Instant pressAgain) {}

  /** A start that failed, for the condition. */
  record Failure(
      dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineConditions.Reason reason,
      String message) {}

  VmRuntime(String uid, Host host) {
    this.uid = uid;
    this.ownership = Ownership.State.fresh(host);
  }

  /**
   * Whether a guest of this VM runs here, rightfully. The core forgets its record while a stop is
   * under way; that guest runs all the same.
   */
  boolean runs() {
    return stopping != null || ownership.running();
  }

  /** Whether there is certainly no guest, and none is on its way. */
  boolean stopped() {
    return stopping == null && ownership.settledStopped();
  }

  /** Whether there was no domain of the VM in the last look. */
  boolean absent() {
    return ownership.domain() instanceof DomainView.Absent;
  }

  /** The epoch of the guest that runs; 0: none does. */
  long activeEpoch() {
    return ownership.domain() instanceof DomainView.Active a ? a.epoch() : 0;
  }

  void hint(@Nullable How how) {
    if (how != null) {
      hint = how;
    }
    stale = true;
  }

  boolean takeStale() {
    boolean was = stale;
    stale = false;
    return was;
  }

  @Nullable How takeHint() {
    How was = hint;
    hint = null;
    return was;
  }
}
