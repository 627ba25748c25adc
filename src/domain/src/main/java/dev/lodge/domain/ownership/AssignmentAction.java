package dev.lodge.domain.ownership;

import org.jspecify.annotations.Nullable;

/**
 * What the operator does next for a VM. Each fails if what was read has changed meanwhile; then the
 * facts are gathered anew. The order of an action and the reads before it does not matter for
 * safety.
 */
public sealed interface AssignmentAction {

  /** Create a claim; one of that name that is there already is read and decided on anew. */
  record CreateClaim(DiskClaim claim) implements AssignmentAction {}

  /** Update a claim, expecting its version. */
  record UpdateClaim(DiskClaim expected, DiskClaim next) implements AssignmentAction {}

  /** Delete a claim, with its version as precondition. */
  record DeleteClaim(DiskClaim expected) implements AssignmentAction {}

  /**
   * Create a slot pod for this epoch, named by the VM's UID and the epoch; one that is there
   * already is read and decided on anew.
   *
   * @param pinnedTo the only node that it may be bound to; null: the scheduler chooses
   * @param avoids nodes where another VM holds a disk of this one, in order, joined by a comma
   */
  record CreateSlot(long epoch, @Nullable String pinnedTo, String avoids)
      implements AssignmentAction {}

  /**
   * Delete a slot pod, with its UID as precondition.
   *
   * @param now its VM never ran in it, or it has ended: no grace is needed
   */
  record DeleteSlot(Slot slot, boolean now) implements AssignmentAction {}

  /**
   * Compare-and-swap the record: the next epoch for a node, in which the slot is bound. Conditions
   * and {@code status.slots} ride along.
   */
  record SetOwner(OwnershipRecord expected, OwnershipRecord next, Slot slot)
      implements AssignmentAction {}

  /**
   * Compare-and-swap the record: the next epoch is used up for nobody, so that what others have
   * decided on the present one comes too late.
   */
  record Close(OwnershipRecord expected, OwnershipRecord next) implements AssignmentAction {}

  /** Tell the agent, by {@code leaving} of the slot in the status, that the VM leaves its node. */
  record TellLeaving(OwnershipRecord expected, Slot slot) implements AssignmentAction {}

  /** Everything is let go: the finalizer may be taken off the VM. */
  record Finish() implements AssignmentAction {}
}
