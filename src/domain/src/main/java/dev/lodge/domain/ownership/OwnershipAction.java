package dev.lodge.domain.ownership;

/** What to do next; carried out by the product's interpreter and by the explorer. */
public sealed interface OwnershipAction {

  /** Read the record live. */
  record ReadRecord() implements OwnershipAction {}

  /** Read the node's own entry. */
  record ReadEntry() implements OwnershipAction {}

  /** Ask the hypervisor whether there is a domain. */
  record Look() implements OwnershipAction {}

  /** Write the node's own entry, durably. */
  record WriteEntry(NodeEntry.Known entry) implements OwnershipAction {}

  /** Compare-and-swap the claim. */
  record WriteClaim(OwnershipRecord expected, OwnershipRecord claim) implements OwnershipAction {}

  /** Compare-and-swap {@code released}. */
  record WriteReleased(OwnershipRecord expected) implements OwnershipAction {}

  /** Create the domain under this epoch. */
  record Start(long epoch) implements OwnershipAction {}

  /**
   * Bring the domain to its end.
   *
   * @param now without asking the guest: it has no right to run
   */
  record Stop(boolean now) implements OwnershipAction {}
}
