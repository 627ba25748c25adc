package dev.lodge.e2e.cluster;

import java.time.Duration;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Waits for a condition; the limit is for a busy machine. */
final class Await {
  private static final long BETWEEN_MILLIS = 100;

  private Await() {}

  static void until(String what, Duration limit, BooleanSupplier condition) {
    until(what, limit, condition, () -> "");
  }

  /**
   * @param story what to tell if it does not come true
   */
  static void until(
      String what, Duration limit, BooleanSupplier condition, Supplier<String> story) {
    long end = System.nanoTime() + limit.toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > end) {
        throw new AssertionError(what + " did not come within " + limit + "\n" + story.get());
      }
      pause();
    }
  }

  /** Looks again and again for a while: the condition must hold all the time. */
  static void always(String what, Duration time, BooleanSupplier condition) {
    long end = System.nanoTime() + time.toNanos();
    while (System.nanoTime() < end) {
      if (!condition.getAsBoolean()) {
        throw new AssertionError(what + " does not hold any more");
      }
      pause();
    }
  }

  private static void pause() {
    try {
      Thread.sleep(BETWEEN_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
