package dev.lodge.domain.ownership;

import dev.lodge.domain.ownership.NodeEntry.Hold;

/**
 * What to do next; carried out by {@link Interpreter} over the product's ports, and over those of
 * the explorer.
 */
public sealed interface OwnershipAction {

  /** Read the record live. */
  record ReadRecord() implements OwnershipAction {}

  /** Read the node's own entry. */
  record ReadEntry() implements OwnershipAction {}

  /** Ask the hypervisor whether there is a domain. */
  record Look() implements OwnershipAction {}

  /** Under the host lock, if there still is none: write the node's first entry, durably. */
  record CreateEntry() implements OwnershipAction {}

  /**
   * Under the host lock, if no domain of the VM is there: write durably that epochs up to this one
   * are over here (R4).
   *
   * @param handOver only if the hold of this process still stands, as it does when nobody has
   *     started the VM here since its memory left
   */
  record EndEpoch(long epoch, boolean handOver) implements OwnershipAction {}

  /** Compare-and-swap the claim. */
  record WriteClaim(OwnershipRecord expected, OwnershipRecord claim) implements OwnershipAction {}

  /** Compare-and-swap {@code released}. */
  record WriteReleased(OwnershipRecord expected) implements OwnershipAction {}

  /** Under the host lock, if the entry and the hypervisor still allow it: create the domain. */
  record Start(long epoch) implements OwnershipAction {}

  /**
   * Bring the domain to its end.
   *
   * @param now without asking the guest: it has no right to run
   */
  record Stop(boolean now) implements OwnershipAction {}

  /** As the target: compare-and-swap that this node is ready (R6). */
  record WriteAccepted(OwnershipRecord expected, OwnershipRecord accepted)
      implements OwnershipAction {}

  /**
   * As the source, under the host lock: set the hold (R8) and begin the migration, paused at the
   * target. {@link OwnershipEvent.MigrationEnded} comes later.
   */
  record Migrate(long epoch, String targetNode) implements OwnershipAction {}

  /** As the source, under the host lock: see that no migration job is under way any more. */
  record AbortMigration(Hold hold) implements OwnershipAction {}

  /** As the source: compare-and-swap that there is no migration. */
  record WriteAborted(OwnershipRecord expected) implements OwnershipAction {}

  /** As the source whose domain runs on, under the host lock: give up this very hold. */
  record ClearHold(Hold hold) implements OwnershipAction {}

  /** As the source, whose domain is gone after a migration that succeeded: hand over (R6). */
  record WriteHandOver(OwnershipRecord expected, OwnershipRecord handedOver)
      implements OwnershipAction {}

  /** As the target, under the host lock: let the landed copy run, as this epoch's guest (R7). */
  record Resume(long epoch) implements OwnershipAction {}
}
