package dev.lodge.domain.ownership;

/** What happened, or what came of an action. */
public sealed interface OwnershipEvent {

  /** The wish, or its urgency, changed; a start that was refused may be tried again. */
  record WishChanged(Ownership.Wish wish) implements OwnershipEvent {}

  /** The record as the API has it now: read live, never from a cache. */
  record RecordRead(OwnershipRecord record) implements OwnershipEvent {}

  /** A watch says that the record changed; what it says may be old. */
  record RecordChanged() implements OwnershipEvent {}

  record EntryRead(NodeEntry entry) implements OwnershipEvent {}

  /** The hypervisor's answer, live. */
  record DomainSeen(DomainView domain) implements OwnershipEvent {}

  /** Something happened to the domain, or the connection was lost: look again. */
  record DomainChanged() implements OwnershipEvent {}

  /** A claim or a release was written, or not; {@code record} is what was to be written. */
  record RecordWritten(WriteOutcome outcome, OwnershipRecord record) implements OwnershipEvent {}

  record EntryWritten(boolean written, NodeEntry entry) implements OwnershipEvent {}

  record StartEnded(StartOutcome outcome, long epoch) implements OwnershipEvent {}

  /** A stop was tried; look what came of it. */
  record StopEnded() implements OwnershipEvent {}

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
    /** For certain: there is no QEMU. */
    FAILED,
    UNKNOWN
  }
}
