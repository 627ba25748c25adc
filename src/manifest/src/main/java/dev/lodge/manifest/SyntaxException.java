package dev.lodge.manifest;

/** A text that is no YAML or JSON that we accept; ends the reading of a file. */
final class SyntaxException extends RuntimeException {
  private static final long serialVersionUID = 1L;
  private final transient Position position;
  private final String path;
  private final String what;

  SyntaxException(Position position, String path, String message) {
    super(message, null, false, false);
    this.position = position;
    this.path = path;
    this.what = message;
  }

  SyntaxException(Position position, String message) {
    this(position, "", message);
  }

  /** What is wrong, and the mend. */
  String what() {
    return what;
  }

  Position position() {
    return position;
  }

  /** The field that was being read; empty if none was. */
  String path() {
    return path;
  }
}
