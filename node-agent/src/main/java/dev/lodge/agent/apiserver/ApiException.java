package dev.lodge.agent.apiserver;

import dev.lodge.agent.store.StoreException;
import dev.lodge.domain.hypervisor.HypervisorException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A request that is answered by a Status of failure. The message is for people and names the mend.
 * Ports throw it too, where they know better than "internal error".
 */
public final class ApiException extends RuntimeException {
  private static final long serialVersionUID = 1L;
  private final Reason reason;
  private final transient @Nullable Subject subject;
  private final transient List<Cause> causes;

  /** Kubernetes' reasons with their HTTP codes. */
  public enum Reason {
    BadRequest(400),
    Unauthorized(401),
    Forbidden(403),
    NotFound(404),
    MethodNotAllowed(405),
    NotAcceptable(406),
    AlreadyExists(409),
    Conflict(409),
    Expired(410),
    RequestEntityTooLarge(413),
    UnsupportedMediaType(415),
    Invalid(422),
    TooManyRequests(429),
    InternalError(500),
    ServiceUnavailable(503);

    private final int code;

    Reason(int code) {
      this.code = code;
    }

    /** The HTTP status. */
    public int code() {
      return code;
    }
  }

  /** What the failure is about: {@code kind} is the plural, as in Kubernetes' details. */
  public record Subject(String group, String kind, String name) {
    String qualified() {
      return (group.isEmpty() ? kind : kind + "." + group) + " \"" + name + "\"";
    }
  }

  /** One thing that is wrong, by its field. */
  public record Cause(String reason, String field, String message) {}

  ApiException(Reason reason, String message, @Nullable Subject subject, List<Cause> causes) {
    super(message);
    this.reason = reason;
    this.subject = subject;
    this.causes = causes;
  }

  /** A failure without details. */
  public ApiException(Reason reason, String message) {
    this(reason, message, null, List.of());
  }

  /** No such object. */
  static ApiException notFound(Subject subject) {
    return new ApiException(
        Reason.NotFound, subject.qualified() + " not found", subject, List.of());
  }

  /** The request makes no sense. */
  static ApiException badRequest(String message) {
    return new ApiException(Reason.BadRequest, message);
  }

  /** A manifest that breaks rules; {@code kind} is the Kind, as kubectl prints it. */
  static ApiException invalid(String group, String kind, String name, List<Cause> causes) {
    StringBuilder text = new StringBuilder(kind + "." + group + " \"" + name + "\" is invalid: ");
    if (causes.size() > 1) {
      text.append('[');
    }
    for (int i = 0; i < causes.size(); i++) {
      Cause c = causes.get(i);
      text.append(i > 0 ? ", " : "")
          .append(c.field().isEmpty() ? "" : c.field() + ": ")
          .append(c.message());
    }
    if (causes.size() > 1) {
      text.append(']');
    }
    return new ApiException(
        Reason.Invalid, text.toString(), new Subject(group, kind, name), causes);
  }

  /** The same failure, with what it is about. */
  static ApiException of(StoreException e, Resource.Names names, String name) {
    Subject subject = names.subject(name);
    return switch (e.reason()) {
      case NotFound -> notFound(subject);
      case AlreadyExists ->
          new ApiException(
              Reason.AlreadyExists, subject.qualified() + " already exists", subject, List.of());
      case Conflict -> conflict(subject);
      case Refused ->
          new ApiException(
              Reason.Forbidden,
              subject.qualified() + " is forbidden: " + e.getMessage(),
              subject,
              List.of());
      case Invalid ->
          invalid(
              names.group(),
              names.kind(),
              name,
              e.problems().stream()
                  .map(p -> new Cause("FieldValueInvalid", p.field(), p.message()))
                  .toList());
      case Expired ->
          new ApiException(Reason.Expired, String.valueOf(e.getMessage()), subject, List.of());
      case Unwritable ->
          new ApiException(
              Reason.InternalError, String.valueOf(e.getMessage()), subject, List.of());
    };
  }

  /** Somebody wrote first. */
  static ApiException conflict(Subject subject) {
    return new ApiException(
        Reason.Conflict,
        "Operation cannot be fulfilled on "
            + subject.qualified()
            + ": the object has been modified; please apply your changes to the latest version and"
            + " try again",
        subject,
        List.of());
  }

  /** Any failure as one that can be told; what nobody foresaw is an InternalError. */
  static ApiException of(Throwable t) {
    Throwable cause = t;
    while ((cause instanceof java.util.concurrent.CompletionException
            || cause instanceof java.util.concurrent.ExecutionException)
        && cause.getCause() != null) {
      cause = cause.getCause();
    }
    return switch (cause) {
      case ApiException a -> a;
      case StoreException s ->
          new ApiException(Reason.InternalError, String.valueOf(s.getMessage()));
      case HypervisorException h ->
          new ApiException(Reason.ServiceUnavailable, String.valueOf(h.getMessage()));
      default ->
          new ApiException(
              Reason.InternalError,
              "an internal error, logged by the agent (" + cause.getClass().getSimpleName() + ")");
    };
  }

  public Reason reason() {
    return reason;
  }

  @Nullable Subject subject() {
    return subject;
  }

  List<Cause> causes() {
    return causes;
  }
}
