package dev.lodge.agent.libvirt;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Waiting for what happens elsewhere. */
final class Pause {
  private Pause() {}

  /** Between two looks. */
  static void briefly() {
    LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
  }

  /** Waits for a condition, and fails with what it was if it does not come. */
  static void until(String what, Duration atMost, BooleanSupplier condition) {
    long deadline = System.nanoTime() + atMost.toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > deadline) {
        throw new AssertionError("did not happen within " + atMost + ": " + what);
      }
      briefly();
    }
  }
}
