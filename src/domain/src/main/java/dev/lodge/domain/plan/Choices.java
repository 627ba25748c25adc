package dev.lodge.domain.plan;

import java.util.Comparator;
import java.util.List;

/** Names that exist, the nearest to a wanted one first: for messages. */
final class Nearest {
  private static final int SHOWN = 6;

  private Nearest() {}

  /** A few of the names, and how many more there are. */
  static String listed(String wanted, List<String> names) {
    if (names.isEmpty()) {
      return "none";
    }
    List<String> sorted =
        names.stream()
            .distinct()
            .sorted(
                Comparator.comparingInt((String n) -> distance(wanted, n))
                    .thenComparing(Comparator.naturalOrder()))
            .toList();
    String shown = String.join(", ", sorted.subList(0, Math.min(SHOWN, sorted.size())));
    return sorted.size() <= SHOWN ? shown : shown + " and " + (sorted.size() - SHOWN) + " more";
  }

  /** Levenshtein's distance, without regard to case. */
  static int distance(String a, String b) {
    int[] row = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int same =
            Character.toLowerCase(a.charAt(i - 1)) == Character.toLowerCase(b.charAt(j - 1))
                ? 0
                : 1;
        int next = Math.min(Math.min(row[j] + 1, row[j - 1] + 1), diagonal + same);
        diagonal = row[j];
        row[j] = next;
      }
    }
    return row[b.length()];
  }
}
