package dev.lodge.domain.validation;

import java.util.Collection;
import java.util.Locale;
import java.util.Optional;

/** Finds the word that somebody probably meant. */
public final class Nearest {
  /** Longer words are cut before they are compared, so that a hostile one costs nothing. */
  private static final int LONGEST = 64;

  private Nearest() {}

  /**
   * The known word with the fewest slips (a letter wrong, missing, too much, or two swapped), if
   * those are few for its length. Case counts for nothing.
   */
  public static Optional<String> to(String wanted, Collection<String> known) {
    String cut = cut(wanted);
    Optional<String> best = Optional.empty();
    int least = Integer.MAX_VALUE;
    for (String candidate : known) {
      int distance = distance(cut, cut(candidate));
      if (distance < least) {
        least = distance;
        best = Optional.of(candidate);
      }
    }
    int slips = least;
    return best.filter(b -> slips <= Math.max(1, Math.min(cut.length(), b.length()) / 3));
  }

  private static String cut(String word) {
    return word.substring(0, Math.min(LONGEST, word.length())).toLowerCase(Locale.ROOT);
  }

  /** Optimal string alignment distance. */
  static int distance(String a, String b) {
    int[] before = new int[b.length() + 1];
    int[] last = new int[b.length() + 1];
    int[] row = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      last[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int change = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
        row[j] = Math.min(Math.min(row[j - 1], last[j]) + 1, last[j - 1] + change);
        if (i > 1
            && j > 1
            && a.charAt(i - 1) == b.charAt(j - 2)
            && a.charAt(i - 2) == b.charAt(j - 1)) {
          row[j] = Math.min(row[j], before[j - 2] + 1);
        }
      }
      int[] free = before;
      before = last;
      last = row;
      row = free;
    }
    return last[b.length()];
  }
}
