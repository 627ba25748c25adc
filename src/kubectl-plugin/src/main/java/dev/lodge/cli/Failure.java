package dev.lodge.cli;

/** Ends a command with a message for people, printed after {@code error:}, and an exit code. */
public class Failure extends RuntimeException {
  private static final long serialVersionUID = 1L;
  private final ExitCode code;

  /** An empty message prints nothing: what is wrong has been said already. */
  public Failure(ExitCode code, String message) {
    super(message);
    this.code = code;
  }

  public ExitCode code() {
    return code;
  }
}
