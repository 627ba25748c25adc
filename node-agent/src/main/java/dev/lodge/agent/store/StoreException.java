package dev.lodge.agent.store;

/** A wish that the store refuses; the message is for people and names the mend. */
public final class StoreException extends RuntimeException {
  private static final long serialVersionUID = 1L;
  private final Reason reason;

  /** Why, in the words of a Kubernetes Status. */
  public enum Reason {
    AlreadyExists,
    NotFound,
    Conflict,
    /** The manifest was made by hand; the message says which file to edit. */
    Refused,
    /** A watch from a version that is too old. */
    Expired,
    /** The directory or the state cannot be written. */
    Unwritable
  }

  public StoreException(Reason reason, String message) {
    super(message);
    this.reason = reason;
  }

  public Reason reason() {
    return reason;
  }
}
