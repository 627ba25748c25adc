package dev.lodge.cli.client;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lodge.cli.ExitCode;
import dev.lodge.cli.Failure;

/** The API answered with an error: its Status object, for people and for decisions. */
public final class ApiFailure extends Failure {
  private static final long serialVersionUID = 1L;
  private final int status;
  private final String reason;

  ApiFailure(int status, String reason, String message) {
    super(code(status), message);
    this.status = status;
    this.reason = reason;
  }

  /**
   * From an answer that may or may not be a Status object.
   *
   * @param body the answer's body as JSON, or a missing node
   * @param fallback what to say if the body says nothing
   */
  static ApiFailure of(int status, JsonNode body, String fallback) {
    String message = body.path("message").asText("");
    return new ApiFailure(
        status, body.path("reason").asText(""), message.isEmpty() ? fallback : message);
  }

  /** The HTTP status. */
  public int status() {
    return status;
  }

  /** The Status object's reason, e.g. {@code AlreadyExists}; empty if there was none. */
  public String reason() {
    return reason;
  }

  private static ExitCode code(int status) {
    return switch (status) {
      case 404, 410 -> ExitCode.NOT_FOUND;
      case 400, 401, 403, 405, 406, 409, 413, 415, 422 -> ExitCode.REFUSED;
      case 408, 504 -> ExitCode.TIMED_OUT;
      case 502, 503 -> ExitCode.UNREACHABLE;
      default -> ExitCode.FAILED;
    };
  }
}
