package dev.lodge.domain.ownership;

import dev.lodge.domain.ownership.OwnershipEvent.StartOutcome;
import dev.lodge.domain.ownership.OwnershipEvent.WriteOutcome;

/**
 * The single effects of one VM on one node. {@link Interpreter} puts them together; the agent
 * carries them out, the explorer plays them. Each may throw when it cannot be tried, or when it is
 * not known what came of it; then the action counts as interrupted.
 */
public interface NodePorts {

  /**
   * Takes the host's lock of this VM, which all agent processes of the host share.
   *
   * @return false: another process has it; try again later
   */
  boolean lock();

  /** Lets the lock go; also done by the death of the process. */
  void unlock();

  /** The record, read live; {@link OwnershipRecord#NONE} if the VM is gone. */
  OwnershipRecord readRecord();

  /** The node's own entry. */
  NodeEntry readEntry();

  /** Whether there is a domain, live. */
  DomainView look();

  /**
   * Compare-and-swap against the object as read by the last {@link #readRecord} or swap.
   *
   * @return honest: UNKNOWN if the write may have been applied, or may yet be
   */
  WriteOutcome swap(OwnershipRecord expected, OwnershipRecord next);

  /**
   * Writes the node's own entry durably.
   *
   * @return whether it is on the disk
   */
  boolean writeEntry(NodeEntry.Known entry);

  /** Starts the guest; under the lock. */
  StartOutcome start(long epoch);

  /**
   * Begins a stop, or goes on with it.
   *
   * @param now pull the plug
   * @return whether the domain is gone now; false: {@link OwnershipEvent.StopEnded} comes later
   */
  boolean stop(boolean now);

  /**
   * Begins a migration job, paused at the target; under the lock, the hold is set.
   *
   * @return whether it is under way: {@link OwnershipEvent.MigrationEnded} comes later
   */
  boolean beginMigration(String targetNode);

  /** Ends the migration job, if any; returns only when it is certain that there is none. */
  void abortMigration();

  /** Marks the landed copy as this epoch's guest, then lets it run; under the lock. */
  StartOutcome resume(long epoch);
}
