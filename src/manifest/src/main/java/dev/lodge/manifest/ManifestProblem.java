package dev.lodge.manifest;

import dev.lodge.domain.validation.FieldProblem;
import dev.lodge.domain.validation.FieldProblem.Severity;

/**
 * A mistake in a manifest, for people: where, what, and what to do about it.
 *
 * @param severity errors refuse the object; warnings do not
 * @param line from 1
 * @param column from 1
 * @param object e.g. {@code VirtualMachine default/web}; empty before it is known
 * @param fieldPath e.g. {@code spec.disks[0].bus}; empty for the whole object or file
 */
public record ManifestProblem(
    Severity severity,
    String file,
    int line,
    int column,
    String object,
    String fieldPath,
    String message) {

  /** Keys and words of a foreign file stand in these: no control character reaches a terminal. */
  public ManifestProblem {
    object = Words.cut(object);
    fieldPath = Words.cut(fieldPath);
    message = Words.message(message);
  }

  static ManifestProblem of(FieldProblem problem, String file, Positions positions, String object) {
    Position at = positions.find(problem.path());
    return new ManifestProblem(
        problem.severity(),
        file,
        at.line(),
        at.column(),
        object,
        problem.path(),
        problem.message());
  }

  static ManifestProblem ofFile(String file, Position at, String path, String message) {
    return new ManifestProblem(Severity.ERROR, file, at.line(), at.column(), "", path, message);
  }

  public boolean isError() {
    return severity == Severity.ERROR;
  }

  /** {@code file:line:column: object: field: message}, as compilers write it. */
  @Override
  public String toString() {
    var out = new StringBuilder();
    out.append(file).append(':').append(line).append(':').append(column).append(": ");
    if (severity == Severity.WARNING) {
      out.append("warning: ");
    }
    if (!object.isEmpty()) {
      out.append(object).append(": ");
    }
    if (!fieldPath.isEmpty()) {
      out.append(fieldPath).append(": ");
    }
    return out.append(message).toString();
  }
}
