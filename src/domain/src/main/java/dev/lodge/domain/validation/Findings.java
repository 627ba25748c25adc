package dev.lodge.domain.validation;

import java.util.ArrayList;
import java.util.List;

/** Collects all mistakes of an object, so that its author mends them in one go. */
final class Findings {
  private final List<FieldProblem> found = new ArrayList<>();

  void error(String path, String message) {
    found.add(FieldProblem.error(path, message));
  }

  void errorIf(boolean wrong, String path, String message) {
    if (wrong) {
      error(path, message);
    }
  }

  void warn(String path, String message) {
    found.add(FieldProblem.warning(path, message));
  }

  List<FieldProblem> all() {
    return List.copyOf(found);
  }
}
