package dev.lodge.domain.validation;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Paths of the host, as text only: nothing is looked up. */
final class Paths {
  private Paths() {}

  /** Whether a path has a segment {@code ..}. */
  static boolean climbs(@Nullable String path) {
    return path != null && List.of(path.split("/", -1)).contains("..");
  }

  /** Two spellings of one path become equal: no empty segments, no {@code .}. */
  static String normal(String base, @Nullable String below) {
    List<String> segments = new ArrayList<>();
    for (String segment : (base + "/" + (below == null ? "" : below)).split("/", -1)) {
      if (!segment.isEmpty() && !segment.equals(".")) {
        segments.add(segment);
      }
    }
    return "/" + String.join("/", segments);
  }
}
