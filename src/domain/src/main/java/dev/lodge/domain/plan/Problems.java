package dev.lodge.domain.plan;

import java.util.ArrayList;
import java.util.List;

/** Collects all that is wrong, so that a user mends it in one go, and what else is worth saying. */
final class Problems {
  private final List<Problem> found = new ArrayList<>();
  private final List<String> remarks = new ArrayList<>();

  void add(String path, String what, String mend) {
    found.add(new Problem(path, what, mend));
  }

  void remark(String text) {
    remarks.add(text);
  }

  boolean none() {
    return found.isEmpty();
  }

  List<Problem> all() {
    return List.copyOf(found);
  }

  List<String> remarks() {
    return List.copyOf(remarks);
  }
}
