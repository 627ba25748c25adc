package dev.lodge.agent.store;

import java.util.List;
import java.util.stream.Collectors;

/** A wish that the store refuses; the message is for people and names the mend. */
public final class StoreException extends RuntimeException {
  private static final long serialVersionUID = 1L;
  private final Reason reason;
  private final transient List<Admission.Problem> problems;

  /** Why, in the words of a Kubernetes Status. */
  public enum Reason {
    AlreadyExists,
    NotFound,
    Conflict,
    /** The manifest was made by hand; the message says which file to edit. */
    Refused,
    /** A watch from a version that is too old. */
    Expired,
    /** The object does not go with what is there; {@link StoreException#problems} say why. */
    Invalid,
    /** The directory or the state cannot be written. */
    Unwritable
  }

  public StoreException(Reason reason, String message) {
    super(message);
    this.reason = reason;
    this.problems = List.of();
  }

  /** An object that does not go with what is there. */
  public StoreException(ObjectKey key, List<Admission.Problem> problems) {
    super(
        key
            + ": "
            + problems.stream().map(Admission.Problem::toString).collect(Collectors.joining("; ")));
    this.reason = Reason.Invalid;
    this.problems = List.copyOf(problems);
  }

  StoreException(StoreException seen) {
    super(seen.getMessage(), seen);
    this.reason = seen.reason;
    this.problems = seen.problems;
  }

  public Reason reason() {
    return reason;
  }

  /** The fields that are wrong, if the reason is {@code Invalid}. */
  public List<Admission.Problem> problems() {
    return problems;
  }
}
