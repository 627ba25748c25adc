package dev.lodge.agent.reconcile;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lodge.agent.store.NodeStore;
import dev.lodge.agent.store.ObjectKey;
import dev.lodge.agent.store.StatusWrite;
import dev.lodge.agent.store.StoredObject;
import dev.lodge.agent.store.UnreachableException;
import dev.lodge.domain.hypervisor.DomainState;
import dev.lodge.domain.hypervisor.Hypervisor;
import dev.lodge.domain.machine.DomainNames;
import dev.lodge.domain.ownership.DomainView;
import dev.lodge.domain.ownership.Interpreter;
import dev.lodge.domain.ownership.NodeEntry;
import dev.lodge.domain.ownership.NodePorts;
import dev.lodge.domain.ownership.Ownership;
import dev.lodge.domain.ownership.OwnershipAction;
import dev.lodge.domain.ownership.OwnershipEvent;
import dev.lodge.domain.ownership.OwnershipEvent.StartOutcome;
import dev.lodge.domain.ownership.OwnershipEvent.WriteOutcome;
import dev.lodge.domain.ownership.OwnershipRecord;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Carries out what the ownership core asks for, for one VM. A write that did not go through ends
 * the run: the wish falls back to KEEP and the pass is tried again later, so that a full disk or a
 * storm of conflicts costs no busy loop.
 */
final class OwnershipDriver implements NodePorts {
  /** More steps than any way through the core takes; reaching it is a fault of ours. */
  private static final int MOST_STEPS = 40;

  /** That long an answer of the guard's holds: for the start that follows a claim at once. */
  private static final long ALLOWED_FOR_NANOS = 1_000_000_000;

  private final ObjectKey key;
  private final VmRuntime vm;
  private final NodeStore store;
  private final NodeRecords records;
  private final Hypervisor hypervisor;
  private final ClaimGuard guard;
  private final Guest guest;
  private final Interpreter interpreter;

  /** Read live at the beginning of this pass, and not looked at yet. */
  private @Nullable StoredObject fresh;

  /** The object as read last; its version is what a swap expects. */
  private @Nullable StoredObject read;

  /** Why nothing may be claimed or started here now; asked live. */
  Optional<String> refusal() {
    Optional<String> refusal = guard.refusal();
    if (refusal.isEmpty()) {
      allowedNanos = System.nanoTime();
    }
    return refusal;
  }

  /** What was read live just now answers the first question. */
  void fresh(StoredObject object) {
    fresh = object;
  }

  /** When nothing stood against a claim. */
  private long allowedNanos = System.nanoTime() - 2 * ALLOWED_FOR_NANOS;

  /** Why a durable write did not go through. */
  private @Nullable String setback;

  /** Starting and stopping a guest, which take more than the protocol knows. */
  interface Guest {
    /** Starts the guest; the outcome must be honest. */
    StartOutcome start(long epoch);

    /**
     * Begins or goes on with a stop.
     *
     * @return whether the domain is gone now; false: an event or a timer goes on
     */
    boolean stop(boolean now);
  }

  OwnershipDriver(
      ObjectKey key,
      VmRuntime vm,
      NodeStore store,
      NodeRecords records,
      Hypervisor hypervisor,
      ClaimGuard guard,
      Guest guest) {
    this.key = key;
    this.vm = vm;
    this.store = store;
    this.records = records;
    this.hypervisor = hypervisor;
    this.guard = guard;
    this.guest = guest;
    this.interpreter = new Interpreter(vm.ownership.host().nonce(), this);
  }

  /** Why a durable write did not go through in the last {@link #drive}; null if all did. */
  @Nullable String setback() {
    return setback;
  }

  /**
   * Feeds an event and carries out all that follows, until there is nothing to do now.
   *
   * @throws dev.lodge.domain.hypervisor.HypervisorException if the hypervisor cannot be asked; what
   *     was in doubt still is
   */
  void drive(OwnershipEvent first) {
    setback = null;
    OwnershipEvent event = first;
    for (int i = 0; i < MOST_STEPS; i++) {
      Ownership.Step step = Ownership.step(vm.ownership, event);
      vm.ownership = step.state();
      if (step.action() == null) {
        return;
      }
      OwnershipEvent next = perform(step.action());
      if (next == null) {
        return;
      }
      if (setback != null) {
        vm.ownership =
            Ownership.step(vm.ownership, new OwnershipEvent.WishChanged(Ownership.Wish.KEEP))
                .state();
      }
      event = next;
    }
    throw new IllegalStateException("the ownership core does not settle: " + vm.ownership);
  }

  /** The stop under way is over. */
  void stopped() {
    drive(new OwnershipEvent.StopEnded());
  }

  private @Nullable OwnershipEvent perform(OwnershipAction action) {
    try {
      return interpreter.perform(action);
    } catch (RuntimeException e) {
      vm.ownership = Ownership.step(vm.ownership, new OwnershipEvent.Interrupted()).state();
      throw e;
    }
  }

  @Override
  public boolean lock() {
    try {
      if (records.locks().lock(vm.uid)) {
        return true;
      }
      setback = "another agent process of this host is at work on this VM";
      return false;
    } catch (IOException e) {
      setback = "the VM's lock cannot be taken: " + e.getMessage();
      return false;
    }
  }

  @Override
  public void unlock() {
    try {
      records.locks().unlock(vm.uid);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public OwnershipRecord readRecord() {
    Optional<StoredObject> now = live().filter(o -> o.uid().equals(vm.uid));
    read = now.orElse(null);
    return now.map(o -> OwnershipRecord.of(VmTree.status(o))).orElse(OwnershipRecord.NONE);
  }

  private Optional<StoredObject> live() {
    if (fresh != null) {
      StoredObject now = fresh;
      fresh = null;
      return Optional.of(now);
    }
    return switch (store.read(key)) {
      case NodeStore.Live.Found f -> Optional.of(f.object());
      case NodeStore.Live.Absent _ -> Optional.empty();
      case NodeStore.Live.Unreachable u -> throw new UnreachableException(u.why());
    };
  }

  @Override
  public NodeEntry readEntry() {
    return records.read(vm.uid).entry();
  }

  @Override
  public DomainView look() {
    Optional<DomainState> found =
        hypervisor
            .find(DomainNames.domain(key.namespace(), key.name()))
            .filter(DomainState::active);
    vm.domain = found.orElse(null);
    if (found.isEmpty()) {
      return new DomainView.Absent();
    }
    DomainState d = found.get();
    if (d.owner() == null) {
      return new DomainView.Foreign(
          "a domain named "
              + d.id().name()
              + " runs that Lodge did not make; stop or rename it, or give this VM another name");
    }
    if (!d.owner().uid().equals(vm.uid)) {
      return new DomainView.Foreign(
          "a domain of another VM of this name (UID "
              + d.owner().uid()
              + ") runs: of another agent on this host, or of an earlier VM whose record is lost;"
              + " look at it with: virsh dumpxml "
              + d.id().name()
              + ", and stop it by that agent or, if there is none, with: virsh destroy "
              + d.id().name());
    }
    return new DomainView.Active(d.owner().epoch());
  }

  @Override
  public boolean writeEntry(NodeEntry.Known entry) {
    try {
      records.change(vm.uid, before -> before.entry(entry));
      return true;
    } catch (IOException e) {
      setback = "the node's own record cannot be written: " + e.getMessage();
      return false;
    }
  }

  @Override
  public StartOutcome start(long epoch) {
    // Between the claim and now this process may have slept for long.
    if (System.nanoTime() - allowedNanos > ALLOWED_FOR_NANOS) {
      Optional<String> refusal = refusal();
      if (refusal.isPresent()) {
        setback = refusal.get();
        return StartOutcome.FAILED;
      }
    }
    return guest.start(epoch);
  }

  @Override
  public boolean stop(boolean now) {
    return guest.stop(now);
  }

  /** This agent moves no memory: it accepts no migration, and declines one asked of it. */
  @Override
  public boolean beginMigration(String targetNode) {
    return false;
  }

  @Override
  public void abortMigration() {
    // None was begun.
  }

  /** Whatever landed here came by no migration of this agent's: it is booted anew instead. */
  @Override
  public StartOutcome resume(long epoch) {
    return StartOutcome.FAILED;
  }

  @Override
  public WriteOutcome swap(OwnershipRecord before, OwnershipRecord next) {
    StoredObject expected = read;
    if (expected == null) {
      setback = "the VM is gone";
      return WriteOutcome.REJECTED;
    }
    if (!OwnershipRecord.of(VmTree.status(expected)).equals(before)) {
      return WriteOutcome.CONFLICT; // decided on an older one
    }
    ObjectNode status = VmTree.withOwnership(expected, next);
    return switch (store.writeStatus(key, vm.uid, expected.resourceVersion(), status)) {
      case StatusWrite.Applied a -> {
        read = a.object();
        yield WriteOutcome.APPLIED;
      }
      // Read live and decide again: it may even be our own write.
      case StatusWrite.Conflict _ -> WriteOutcome.CONFLICT;
      case StatusWrite.Gone _ -> {
        setback = "the VM is gone";
        yield WriteOutcome.REJECTED;
      }
      case StatusWrite.Failed f -> {
        setback = "the state cannot be written: " + f.why();
        yield WriteOutcome.REJECTED;
      }
      case StatusWrite.Unknown _ -> WriteOutcome.UNKNOWN;
    };
  }
}
