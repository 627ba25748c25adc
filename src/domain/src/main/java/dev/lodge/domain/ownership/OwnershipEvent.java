package dev.lodge.domain.ownership;

import org.jspecify.annotations.Nullable;

/** What happened, or what came of an action. */
public sealed interface OwnershipEvent {

  /**
   * The wish, or its urgency, changed; a start that was refused may be tried again.
   *
   * @param disks fingerprint of the disks that a start would open now ({@link
   *     ClaimedDisks#fingerprint}); null: not locked by name, as alone
   */
  record WishChanged(Ownership.Wish wish, @Nullable String disks) implements OwnershipEvent {
    /** A wish of a VM whose disks nobody locks by name. */
    public WishChanged(Ownership.Wish wish) {
      this(wish, null);
    }
  }

  /** What the VmHost says of fencing. */
  record HostChanged(long fencedThrough) implements OwnershipEvent {}

  /** The record as the API has it now: read live, never from a cache. */
  record RecordRead(OwnershipRecord record) implements OwnershipEvent {}

  /** A watch says that the record changed; what it says may be old. */
  record RecordChanged() implements OwnershipEvent {}

  record EntryRead(NodeEntry entry) implements OwnershipEvent {}

  /** The hypervisor's answer, live. */
  record DomainSeen(DomainView domain) implements OwnershipEvent {}

  /** Something happened to the domain, or the connection was lost: look again. */
  record DomainChanged() implements OwnershipEvent {}

  /** A record was written, or not; {@code record} is what was to be written. */
  record RecordWritten(WriteOutcome outcome, OwnershipRecord record) implements OwnershipEvent {}

  /**
   * The node's entry, as it is after a write; null: not written, so entry and domain are in doubt.
   */
  record EntryWritten(NodeEntry.@Nullable Known entry) implements OwnershipEvent {}

  record StartEnded(StartOutcome outcome, long epoch) implements OwnershipEvent {}

  /** A stop was tried; look what came of it. */
  record StopEnded() implements OwnershipEvent {}

  /** What came of a migration that this process began. */
  record MigrationEnded(MigrationOutcome outcome) implements OwnershipEvent {}

  /** For certain, no migration job is under way, and the domain runs on under this hold. */
  record MigrationAborted(NodeEntry.Hold hold) implements OwnershipEvent {}

  /** What came of letting the landed copy run. */
  record ResumeEnded(StartOutcome outcome, long epoch) implements OwnershipEvent {}

  /** The action under way was not carried out; the next event begins anew. */
  record Interrupted() implements OwnershipEvent {}

  /** Outcome of a compare-and-swap. */
  enum WriteOutcome {
    APPLIED,
    CONFLICT,
    REJECTED,
    UNKNOWN
  }

  /** Outcome of a start. */
  enum StartOutcome {
    STARTED,
    /** For certain: there is no QEMU by this start. */
    FAILED,
    /** Under the host lock it turned out that the entry or the domain is another by now. */
    OVERTAKEN,
    UNKNOWN
  }

  /** Outcome of a migration. */
  enum MigrationOutcome {
    /** For certain: the source domain is gone, and its memory is whole at the target. */
    MOVED,
    /** Anything else: look. */
    NOT_MOVED
  }
}
