package dev.lodge.agent.reconcile;

import java.time.Duration;

/** How long to wait after the n-th failure in a row: 1 s, doubling, at most 5 minutes. Pure. */
final class Backoff {
  private static final Duration FIRST = Duration.ofSeconds(1);
  private static final Duration MOST = Duration.ofMinutes(5);

  /** A guest that ran this long starts a new row. */
  static final Duration STEADY = Duration.ofMinutes(10);

  private Backoff() {}

  static Duration after(int failures) {
    Duration d = FIRST.multipliedBy(1L << Math.min(failures - 1, 9));
    return d.compareTo(MOST) > 0 ? MOST : d;
  }
}
