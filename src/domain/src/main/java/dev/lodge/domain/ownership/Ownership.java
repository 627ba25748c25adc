package dev.lodge.domain.ownership;

import dev.lodge.domain.ownership.OwnershipEvent.*;
import org.jspecify.annotations.Nullable;

/**
 * The protocol core of one VM on one node: a pure step over a small state. The product runs it with
 * real effects, the explorer in the tests with every interleaving of faults.
 *
 * <p>Invariants: a start is asked for only under a live record that this node holds, in the boot of
 * the claim, in an epoch that its own entry does not call over (R2, R4, R5); an epoch is given out
 * only if the one before is unclaimed, released, or of a boot that is over (R1). One action is
 * under way at a time; whatever comes of it comes back as an event.
 */
public final class Ownership {
  private Ownership() {}

  /** The wish, after restart policy and back-off have had their say. */
  public enum Wish {
    /** Not decided, or to be tried again later: neither start nor stop what has a right to run. */
    KEEP,
    RUN,
    STOP
  }

  /**
   * @param record as read last; null: in doubt, to be read live
   * @param entry the node's own record; null: not read yet
   * @param pending the action under way
   * @param refused why the last start failed for certain; cleared by the next wish
   */
  public record State(
      Host host,
      Wish wish,
      @Nullable OwnershipRecord record,
      @Nullable NodeEntry entry,
      DomainView domain,
      @Nullable OwnershipAction pending,
      boolean refused) {

    /** A process that has just begun knows nothing. */
    public static State fresh(Host host) {
      return new State(host, Wish.KEEP, null, null, new DomainView.Unknown(), null, false);
    }

    State with(@Nullable OwnershipAction next) {
      return new State(host, wish, record, entry, domain, next, refused);
    }

    State record(@Nullable OwnershipRecord r) {
      return new State(host, wish, r, entry, domain, pending, refused);
    }

    State entry(@Nullable NodeEntry e) {
      return new State(host, wish, record, e, domain, pending, refused);
    }

    State domain(DomainView d) {
      return new State(host, wish, record, entry, d, pending, refused);
    }

    State wish(Wish w) {
      return new State(host, w, record, entry, domain, pending, false);
    }

    State refused(boolean r) {
      return new State(host, wish, record, entry, domain, pending, r);
    }

    /** The guest runs, and this node is entitled to it. */
    public boolean running() {
      return domain instanceof DomainView.Active a
          && record != null
          && entitled(this, record, a.epoch());
    }

    /** Nothing runs here, and the record says so or never named this node. */
    public boolean settledStopped() {
      return (domain instanceof DomainView.Absent || domain instanceof DomainView.Foreign)
          && record != null
          && !record.heldBy(host.nodeName());
    }
  }

  /** The next state, and the action to carry out now, if any. */
  public record Step(State state, @Nullable OwnershipAction action) {}

  /** Takes an event into account and says what to do next. */
  public static Step step(State before, OwnershipEvent event) {
    State s = apply(before, event);
    if (s.pending() != null || event instanceof Interrupted) {
      return new Step(s, null);
    }
    OwnershipAction next = next(s);
    return new Step(s.with(next), next);
  }

  private static State apply(State s, OwnershipEvent event) {
    return switch (event) {
      case WishChanged e -> s.wish(e.wish());
      case RecordRead e -> done(s, OwnershipAction.ReadRecord.class).record(e.record());
      // A watch's word may be old: it only says that there is something to read.
      case RecordChanged _ -> s.record(null);
      case EntryRead e -> done(s, OwnershipAction.ReadEntry.class).entry(e.entry());
      case DomainSeen e -> done(s, OwnershipAction.Look.class).domain(e.domain());
      case DomainChanged _ -> s.domain(new DomainView.Unknown());
      case RecordWritten e ->
          // Conflict and Unknown may hide an own write that was applied: read it live.
          s.with(null).record(e.outcome() == WriteOutcome.APPLIED ? e.record() : null);
      case EntryWritten e -> s.with(null).entry(e.written() ? e.entry() : null);
      case StartEnded e ->
          s.with(null)
              .domain(
                  e.outcome() == StartOutcome.STARTED
                      ? new DomainView.Active(e.epoch())
                      : new DomainView.Unknown())
              .refused(e.outcome() == StartOutcome.FAILED);
      case StopEnded _ -> s.with(null).domain(new DomainView.Unknown());
      case Interrupted _ -> s.with(null);
    };
  }

  /** An answer ends only the question that it answers. */
  private static State done(State s, Class<? extends OwnershipAction> sort) {
    return sort.isInstance(s.pending()) ? s.with(null) : s;
  }

  private static @Nullable OwnershipAction next(State s) {
    if (s.entry() == null) {
      return new OwnershipAction.ReadEntry();
    }
    if (s.domain() instanceof DomainView.Unknown) {
      return new OwnershipAction.Look();
    }
    if (s.record() == null) {
      return new OwnershipAction.ReadRecord();
    }
    return switch (s.domain()) {
      case DomainView.Unknown _ -> null;
      // Ours is certainly not there; a claim can be let go, but nothing started.
      case DomainView.Foreign _ ->
          s.wish() == Wish.STOP ? whileAbsent(s, s.record(), s.entry()) : null;
      case DomainView.Active a -> whileActive(s, s.record(), a);
      case DomainView.Absent _ -> whileAbsent(s, s.record(), s.entry());
    };
  }

  private static @Nullable OwnershipAction whileActive(
      State s, OwnershipRecord r, DomainView.Active a) {
    if (!entitled(s, r, a.epoch())) {
      // A guest whose epoch is over has no right to its disks: no grace.
      return new OwnershipAction.Stop(true);
    }
    return s.wish() == Wish.STOP ? new OwnershipAction.Stop(false) : null;
  }

  private static @Nullable OwnershipAction whileAbsent(
      State s, OwnershipRecord r, NodeEntry entry) {
    Host host = s.host();
    if (entry instanceof NodeEntry.Unreadable) {
      return null;
    }
    long over = entry instanceof NodeEntry.Known k ? k.releasedThrough() : 0;
    boolean hold = entry instanceof NodeEntry.Known k && k.hold();
    if (s.wish() == Wish.KEEP) {
      return null;
    }
    if (r.heldBy(host.nodeName())) {
      boolean startable =
          entry instanceof NodeEntry.Known
              && r.epoch() > over
              && r.claimBootGeneration() == host.bootGeneration();
      if (s.wish() == Wish.RUN && startable) {
        return hold || s.refused() || fenced(host) ? null : new OwnershipAction.Start(r.epoch());
      }
      // Stopped, or an epoch that may not be started again: let go, on the node first (R4).
      return r.epoch() > over || entry instanceof NodeEntry.Missing
          ? new OwnershipAction.WriteEntry(new NodeEntry.Known(r.epoch(), hold))
          : new OwnershipAction.WriteReleased(r);
    }
    if (s.wish() == Wish.STOP || hold || s.refused() || fenced(host)) {
      return null;
    }
    boolean mine = host.nodeName().equals(r.nodeName());
    if (host.assigns() && (r.claimedBy() == null || r.released())) {
      // R1 and R2 in one swap: the epoch before is unclaimed or released, and nobody else assigns.
      return entryFirst(
          entry,
          over,
          new OwnershipAction.WriteClaim(r, r.claimed(host, Math.max(r.epoch(), over) + 1)));
    }
    if (!host.assigns() && mine && r.claimedBy() == null && r.epoch() > over) {
      return entryFirst(entry, over, new OwnershipAction.WriteClaim(r, r.claimed(host, r.epoch())));
    }
    return null;
  }

  /** The entry exists before the first claim, so that its loss can be told from its absence. */
  private static OwnershipAction entryFirst(NodeEntry entry, long over, OwnershipAction then) {
    return entry instanceof NodeEntry.Missing
        ? new OwnershipAction.WriteEntry(new NodeEntry.Known(over, false))
        : then;
  }

  private static boolean fenced(Host host) {
    return host.bootGeneration() <= host.fencedThrough();
  }

  private static boolean entitled(State s, OwnershipRecord r, long epoch) {
    return r.heldBy(s.host().nodeName())
        && r.epoch() == epoch
        && r.claimBootGeneration() == s.host().bootGeneration();
  }
}
