package dev.lodge.domain.ownership;

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
   * @param hold set before a migration; blocks local starts until its outcome is known (R8)
   */
  record Known(long releasedThrough, boolean hold) implements NodeEntry {}
}
