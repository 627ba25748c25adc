package dev.lodge.domain.validation;

/**
 * A mistake in one object.
 *
 * @param path as Kubernetes writes it, e.g. {@code spec.disks[0].bus}
 * @param message what is wrong and how to mend it; reads on from "path: "
 */
public record FieldProblem(Severity severity, String path, String message) {

  /** How bad it is. */
  public enum Severity {
    /** The object is refused. */
    ERROR,
    /** Told, and no more. */
    WARNING
  }

  public static FieldProblem error(String path, String message) {
    return new FieldProblem(Severity.ERROR, path, message);
  }

  public static FieldProblem warning(String path, String message) {
    return new FieldProblem(Severity.WARNING, path, message);
  }

  public boolean isError() {
    return severity == Severity.ERROR;
  }

  @Override
  public String toString() {
    return path.isEmpty() ? message : path + ": " + message;
  }
}
