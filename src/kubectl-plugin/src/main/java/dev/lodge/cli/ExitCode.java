package dev.lodge.cli;

/** What the process ends with; scripts rely on these numbers (docs/user/cli.md). */
public enum ExitCode {
  /** Done. */
  OK(0),
  /** It was tried and did not work. */
  FAILED(1),
  /** The command line itself is wrong. */
  USAGE(2),
  /** There is no such object. */
  NOT_FOUND(3),
  /** Refused: an invalid manifest, a conflict, a right that is missing. */
  REFUSED(4),
  /** No agent answers on the socket. */
  UNREACHABLE(5),
  /** It was not done in the time that was given. */
  TIMED_OUT(6);

  private final int number;

  ExitCode(int number) {
    this.number = number;
  }

  /** The process's exit status. */
  public int number() {
    return number;
  }
}
