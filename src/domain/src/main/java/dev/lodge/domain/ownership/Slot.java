package dev.lodge.domain.ownership;

import org.jspecify.annotations.Nullable;

/**
 * A slot pod of a VM, as the API has it. Told from others by its owner's UID and its own.
 *
 * @param epoch the epoch that it was made for (in the name of the pod); a slot that replaces a lost
 *     one has the same
 * @param node that the scheduler bound it to; null: not yet
 * @param leaving it is being deleted: the VM shall leave its node
 * @param said what the scheduler said last, for people; null: nothing
 * @param avoids nodes that it was told to avoid, in order, joined by a comma
 */
public record Slot(
    String name,
    String uid,
    long epoch,
    @Nullable String node,
    State state,
    boolean leaving,
    @Nullable String said,
    String avoids) {

  /** How far it has come. */
  public enum State {
    /** Not bound. */
    PENDING,
    /** Bound; its process may or may not run yet. */
    BOUND,
    /** Its process is gone: it holds neither volumes nor reservation. */
    ENDED
  }

  boolean alive() {
    return state != State.ENDED && !leaving;
  }
}
