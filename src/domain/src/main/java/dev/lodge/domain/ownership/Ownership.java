package dev.lodge.domain.ownership;

import dev.lodge.domain.ownership.OwnershipEvent.*;
import org.jspecify.annotations.Nullable;

/**
 * The protocol core of one VM on one node, the agent's side: a pure step over a small state. The
 * product runs it with real effects, the explorer in the tests with every interleaving of faults.
 *
 * <p>Invariants: a start is asked for only under a live record that this node holds, in the boot of
 * the claim, in an epoch that its own entry does not call over (R2, R4, R5); a landed copy is
 * resumed only after its hand-over (R6, R7). One action is under way at a time; whatever comes of
 * it comes back as an event. {@link Assignment} is the operator's side.
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
   * A guest that a migration of this process took away.
   *
   * @param ended its epoch was called over here, under the hold of this process: nobody started the
   *     VM here since, and nobody will
   */
  public record Departure(long epoch, boolean ended) {}

  /**
   * @param disks digest of the disks that a start would open; null: not locked by name
   * @param record as read last; null: in doubt, to be read live
   * @param entry the node's own record; null: not read yet
   * @param pending the action under way
   * @param refused why the last start failed for certain; cleared by the next wish
   * @param departure the guest whose memory this process has seen leave whole; null: none
   * @param aborted the hold under which this process has seen that no job is under way
   */
  public record State(
      Host host,
      Wish wish,
      @Nullable String disks,
      @Nullable OwnershipRecord record,
      @Nullable NodeEntry entry,
      DomainView domain,
      @Nullable OwnershipAction pending,
      boolean refused,
      @Nullable Departure departure,
      NodeEntry.@Nullable Hold aborted) {

    /** A process that has just begun knows nothing. */
    public static State fresh(Host host) {
      return new State(
          host, Wish.KEEP, null, null, null, new DomainView.Unknown(), null, false, null, null);
    }

    State host(Host h) {
      return new State(h, wish, disks, record, entry, domain, pending, refused, departure, aborted);
    }

    State with(@Nullable OwnershipAction next) {
      return new State(host, wish, disks, record, entry, domain, next, refused, departure, aborted);
    }

    State record(@Nullable OwnershipRecord r) {
      boolean past = r != null && departure != null && r.epoch() > departure.epoch();
      return new State(
          host, wish, disks, r, entry, domain, pending, refused, past ? null : departure, aborted);
    }

    State entry(@Nullable NodeEntry e) {
      boolean gone = aborted != null && e instanceof NodeEntry.Known k && !aborted.equals(k.hold());
      return new State(
          host, wish, disks, record, e, domain, pending, refused, departure, gone ? null : aborted);
    }

    State domain(DomainView d) {
      // What runs here again is no longer what left.
      boolean back = d instanceof DomainView.Active;
      return new State(
          host, wish, disks, record, entry, d, pending, refused, back ? null : departure, aborted);
    }

    State wish(Wish w, @Nullable String wanted) {
      return new State(host, w, wanted, record, entry, domain, pending, false, departure, aborted);
    }

    State refused(boolean r) {
      return new State(host, wish, disks, record, entry, domain, pending, r, departure, aborted);
    }

    State departure(Departure d) {
      return new State(host, wish, disks, record, entry, domain, pending, refused, d, aborted);
    }

    State aborted(NodeEntry.Hold hold) {
      return new State(host, wish, disks, record, entry, domain, pending, refused, departure, hold);
    }

    /** The guest runs, and this node is entitled to it. */
    public boolean running() {
      return domain instanceof DomainView.Active a
          && record != null
          && OwnershipPass.entitled(Rules.ALL, host, record, a.epoch());
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
    return step(Rules.ALL, before, event);
  }

  static Step step(Rules rules, State before, OwnershipEvent event) {
    State s = apply(before, event);
    if (s.pending() != null || event instanceof Interrupted) {
      return new Step(s, null);
    }
    OwnershipAction next = OwnershipPass.next(rules, s);
    return new Step(s.with(next), next);
  }

  private static State apply(State s, OwnershipEvent event) {
    return switch (event) {
      case WishChanged e -> s.wish(e.wish(), e.disks());
      case HostChanged e -> s.host(s.host().fencedThrough(e.fencedThrough()));
      case RecordRead e -> done(s, OwnershipAction.ReadRecord.class).record(e.record());
      // A watch's word may be old: it only says that there is something to read.
      case RecordChanged _ -> s.record(null);
      case EntryRead e -> done(s, OwnershipAction.ReadEntry.class).entry(e.entry());
      case DomainSeen e -> done(s, OwnershipAction.Look.class).domain(e.domain());
      case DomainChanged _ -> s.domain(new DomainView.Unknown());
      case RecordWritten e ->
          // Conflict and Unknown may hide an own write that was applied: read it live.
          s.with(null).record(e.outcome() == WriteOutcome.APPLIED ? e.record() : null);
      case EntryWritten e ->
          e.entry() == null ? doubt(s.with(null)) : ended(s).with(null).entry(e.entry());
      case StartEnded e -> started(s.with(null), e.outcome(), e.epoch());
      case StopEnded _ -> s.with(null).domain(new DomainView.Unknown());
      case MigrationEnded e ->
          doubt(
              e.outcome() == MigrationOutcome.MOVED
                      && s.pending() instanceof OwnershipAction.Migrate m
                  ? s.with(null).departure(new Departure(m.epoch(), false))
                  : s.with(null));
      case MigrationAborted e -> s.with(null).aborted(e.hold());
      case ResumeEnded e -> started(s.with(null), e.outcome(), e.epoch());
      case Interrupted _ -> s.with(null);
    };
  }

  /** The epoch of a guest that left was called over: from now on it can be handed over. */
  private static State ended(State s) {
    return s.pending() instanceof OwnershipAction.EndEpoch e && e.handOver()
        ? s.departure(new Departure(e.epoch(), true))
        : s;
  }

  private static State started(State s, StartOutcome outcome, long epoch) {
    return switch (outcome) {
      case STARTED -> s.domain(new DomainView.Active(epoch)).refused(false);
      case FAILED -> s.domain(new DomainView.Unknown()).refused(true);
      case OVERTAKEN -> doubt(s.refused(false));
      case UNKNOWN -> s.domain(new DomainView.Unknown()).refused(false);
    };
  }

  /** Entry and domain are not what they were thought to be. */
  private static State doubt(State s) {
    return s.entry(null).domain(new DomainView.Unknown());
  }

  /** An answer ends only the question that it answers. */
  private static State done(State s, Class<? extends OwnershipAction> sort) {
    return sort.isInstance(s.pending()) ? s.with(null) : s;
  }
}
