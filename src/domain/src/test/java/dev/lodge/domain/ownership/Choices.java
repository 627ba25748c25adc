package dev.lodge.domain.ownership;

import java.util.Arrays;

/**
 * All ways through a piece of code that picks: it is run again and again, each time with the next
 * combination, until {@link #another} says that there is none. The first of every pick is the
 * faultless one.
 */
class Choices {
  private int[] picked = new int[16];
  private int[] of = new int[16];
  private int depth;
  private int known;

  /** One of {@code n}. */
  int pick(int n) {
    if (depth == picked.length) {
      picked = Arrays.copyOf(picked, 2 * depth);
      of = Arrays.copyOf(of, 2 * depth);
    }
    if (depth == known) {
      picked[depth] = 0;
      of[depth] = n;
      known++;
    }
    return picked[depth++];
  }

  /** Forgets everything. */
  Choices reset() {
    depth = 0;
    known = 0;
    return this;
  }

  /** Goes to the next combination. */
  boolean another() {
    known = depth;
    while (known > 0) {
      if (++picked[known - 1] < of[known - 1]) {
        depth = 0;
        return true;
      }
      known--;
    }
    return false;
  }
}
