package dev.lodge.domain.plan;

import java.util.Comparator;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** What there is instead, for messages. */
final class Choices {
  private static final int SHOWN = 6;
  private static final Pattern NUMBER = Pattern.compile("[0-9]{1,6}");

  private Choices() {}

  /** A few of the names, the nearest to the wanted one first, and how many more there are. */
  static String listed(String wanted, List<String> names) {
    return few(
        names.stream()
            .sorted(
                Comparator.comparingInt((String n) -> distance(wanted, n))
                    .thenComparing(Comparator.naturalOrder())));
  }

  /** A few of the names, the highest version first, and how many more there are. */
  static String newest(List<String> names) {
    return few(names.stream().sorted(Comparator.comparing(Choices::version).reversed()));
  }

  private static String few(Stream<String> names) {
    List<String> sorted = names.distinct().toList();
    if (sorted.isEmpty()) {
      return "none";
    }
    String shown = String.join(", ", sorted.subList(0, Math.min(SHOWN, sorted.size())));
    return sorted.size() <= SHOWN ? shown : shown + " and " + (sorted.size() - SHOWN) + " more";
  }

  /** The numbers in a name, each in four digits, so that 2.10 comes after 2.9. */
  private static String version(String name) {
    return NUMBER
        .matcher(name.substring(name.lastIndexOf('-') + 1))
        .replaceAll(n -> "%04d".formatted(Integer.parseInt(n.group())));
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
