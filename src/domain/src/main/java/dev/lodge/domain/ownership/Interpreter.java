package dev.lodge.domain.ownership;

import dev.lodge.domain.ownership.OwnershipEvent.MigrationOutcome;
import dev.lodge.domain.ownership.OwnershipEvent.StartOutcome;
import dev.lodge.domain.ownership.Rules.Rule;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Carries out the actions of {@link Ownership#step} over {@link NodePorts}: the same code in the
 * product and in the explorer. What must not be interleaved with another process of this host
 * happens under the host lock, on an entry and a domain read under it.
 */
public final class Interpreter {
  private final Rules rules;
  private final String nonce;
  private final NodePorts ports;

  /**
   * @param nonce of this process, as in {@link Host}
   */
  public Interpreter(String nonce, NodePorts ports) {
    this(Rules.ALL, nonce, ports);
  }

  Interpreter(Rules rules, String nonce, NodePorts ports) {
    this.rules = rules;
    this.nonce = nonce;
    this.ports = ports;
  }

  /**
   * Carries out an action.
   *
   * @return what came of it; null: that comes later
   */
  public @Nullable OwnershipEvent perform(OwnershipAction action) {
    return switch (action) {
      case OwnershipAction.ReadRecord _ -> new OwnershipEvent.RecordRead(ports.readRecord());
      case OwnershipAction.ReadEntry _ -> new OwnershipEvent.EntryRead(ports.readEntry());
      case OwnershipAction.Look _ -> new OwnershipEvent.DomainSeen(ports.look());
      case OwnershipAction.CreateEntry _ -> underLock(this::createEntry);
      case OwnershipAction.EndEpoch a -> underLock(() -> endEpoch(a));
      case OwnershipAction.WriteClaim a -> swap(a.expected(), a.claim());
      case OwnershipAction.WriteReleased a -> swap(a.expected(), a.expected().released(true));
      case OwnershipAction.WriteAccepted a -> swap(a.expected(), a.accepted());
      case OwnershipAction.WriteAborted a -> swap(a.expected(), a.expected().migrating(null));
      case OwnershipAction.WriteHandOver a -> swap(a.expected(), a.handedOver());
      case OwnershipAction.Start a ->
          underLock(() -> new OwnershipEvent.StartEnded(start(a.epoch()), a.epoch()));
      case OwnershipAction.Stop a -> ports.stop(a.now()) ? new OwnershipEvent.StopEnded() : null;
      case OwnershipAction.Migrate a -> underLock(() -> migrate(a));
      case OwnershipAction.AbortMigration a -> underLock(() -> abort(a.hold()));
      case OwnershipAction.ClearHold a -> underLock(() -> clear(a.hold()));
      case OwnershipAction.Resume a ->
          underLock(() -> new OwnershipEvent.ResumeEnded(resume(a.epoch()), a.epoch()));
    };
  }

  private @Nullable OwnershipEvent underLock(Supplier<@Nullable OwnershipEvent> critical) {
    if (!ports.lock()) {
      return new OwnershipEvent.Interrupted();
    }
    try {
      return critical.get();
    } finally {
      ports.unlock();
    }
  }

  private OwnershipEvent swap(OwnershipRecord expected, OwnershipRecord next) {
    return new OwnershipEvent.RecordWritten(ports.swap(expected, next), next);
  }

  private OwnershipEvent createEntry() {
    return ports.readEntry() instanceof NodeEntry.Missing ? write(NodeEntry.Known.FIRST) : doubt();
  }

  private OwnershipEvent endEpoch(OwnershipAction.EndEpoch a) {
    NodeEntry entry = ports.readEntry();
    boolean empty =
        switch (ports.look()) {
          // Another's domain is no guest of this VM.
          case DomainView.Absent _, DomainView.Foreign _ -> true;
          case DomainView.Active _, DomainView.Landed _, DomainView.Unknown _ -> false;
        };
    if (entry instanceof NodeEntry.Unreadable || !empty && rules.has(Rule.R4_HOST_LOCK)) {
      return doubt();
    }
    NodeEntry.Known known = entry instanceof NodeEntry.Known k ? k : NodeEntry.Known.FIRST;
    boolean stands = new NodeEntry.Hold(a.epoch(), nonce).equals(known.hold());
    if (a.handOver()
        && !stands
        && rules.has(Rule.R8_HOLD)
        && rules.has(Rule.R8_HAND_OVER_UNDER_HOLD)) {
      return doubt();
    }
    return write(known.over(a.epoch()));
  }

  private StartOutcome start(long epoch) {
    if (!rules.has(Rule.R4_HOST_LOCK)) {
      return ports.start(epoch);
    }
    boolean allowed =
        ports.readEntry() instanceof NodeEntry.Known k
            && epoch > k.releasedThrough()
            && (k.hold() == null || !rules.has(Rule.R8_HOLD))
            && ports.look() instanceof DomainView.Absent;
    return allowed ? ports.start(epoch) : StartOutcome.OVERTAKEN;
  }

  private @Nullable OwnershipEvent migrate(OwnershipAction.Migrate a) {
    boolean allowed =
        ports.readEntry() instanceof NodeEntry.Known k
            && k.hold() == null
            && a.epoch() > k.releasedThrough()
            && ports.look() instanceof DomainView.Active d
            && d.epoch() == a.epoch()
            && ports.writeEntry(
                new NodeEntry.Known(k.releasedThrough(), new NodeEntry.Hold(a.epoch(), nonce)));
    return allowed && ports.beginMigration(a.targetNode())
        ? null
        : new OwnershipEvent.MigrationEnded(MigrationOutcome.NOT_MOVED);
  }

  private OwnershipEvent abort(NodeEntry.Hold hold) {
    if (!holds(hold)) {
      return doubt();
    }
    ports.abortMigration();
    return holds(hold) ? new OwnershipEvent.MigrationAborted(hold) : doubt();
  }

  private OwnershipEvent clear(NodeEntry.Hold hold) {
    return holds(hold) && ports.readEntry() instanceof NodeEntry.Known k
        ? write(new NodeEntry.Known(k.releasedThrough(), null))
        : doubt();
  }

  /** The hold stands, and the guest is still here. */
  private boolean holds(NodeEntry.Hold hold) {
    return ports.readEntry() instanceof NodeEntry.Known k
        && hold.equals(k.hold())
        && ports.look() instanceof DomainView.Active;
  }

  private StartOutcome resume(long epoch) {
    boolean allowed =
        ports.readEntry() instanceof NodeEntry.Known k
            && epoch > k.releasedThrough()
            && ports.look() instanceof DomainView.Landed;
    return allowed ? ports.resume(epoch) : StartOutcome.OVERTAKEN;
  }

  private OwnershipEvent write(NodeEntry.Known entry) {
    return ports.writeEntry(entry) ? new OwnershipEvent.EntryWritten(entry) : doubt();
  }

  private static OwnershipEvent doubt() {
    return new OwnershipEvent.EntryWritten(null);
  }
}
