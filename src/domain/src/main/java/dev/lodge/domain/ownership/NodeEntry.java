package dev.lodge.domain.ownership;

import org.jspecify.annotations.Nullable;

/**
 * The node's own durable record of a VM, written before the API hears of it. Losing it fails
 * closed: an epoch whose entry is lost is never started again.
 */
public sealed interface NodeEntry {

  /** No entry: the VM was never here, or the entry was lost. */
  record Missing() implements NodeEntry {}

  /** It is there but cannot be read: nothing is started until somebody looks. */
  record Unreadable(String why) implements NodeEntry {}

  /**
   * @param releasedThrough epochs up to this one are over on this node
   * @param hold set before a migration; null: none
   */
  record Known(long releasedThrough, @Nullable Hold hold) implements NodeEntry {
    /** What a VM has that was never here. */
    public static final Known FIRST = new Known(0, null);

    /** The entry once epochs up to {@code through} are over; a hold ends with its epoch. */
    public Known over(long through) {
      long over = Math.max(through, releasedThrough);
      return new Known(over, hold != null && hold.epoch() > over ? hold : null);
    }
  }

  /**
   * Blocks starts of this epoch on the source of a migration until its outcome is known (R8). It
   * also tells the process that migrated whether anybody gave the hold up meanwhile.
   *
   * @param nonce of the process that migrates
   */
  record Hold(long epoch, String nonce) {}
}
