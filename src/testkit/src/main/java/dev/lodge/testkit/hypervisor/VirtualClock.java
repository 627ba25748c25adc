package dev.lodge.testkit.hypervisor;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * Time that passes only when a test says so. What is due runs in the order of its time, on the
 * thread that advances the clock.
 */
public final class VirtualClock extends Clock {
  /** Where every virtual clock begins. */
  public static final Instant EPOCH = Instant.parse("2026-01-01T00:00:00Z");

  private record Task(Instant at, long order, Runnable what) {}

  private final List<Task> tasks = new ArrayList<>();
  private Instant now = EPOCH;
  private long order;

  @Override
  public synchronized Instant instant() {
    return now;
  }

  @Override
  public ZoneId getZone() {
    return ZoneOffset.UTC;
  }

  @Override
  public Clock withZone(ZoneId zone) {
    return Clock.fixed(instant(), zone);
  }

  /** Runs this once that much time has passed. */
  public synchronized void after(Duration delay, Runnable what) {
    tasks.add(new Task(now.plus(delay), order++, what));
  }

  /** Lets time pass, and all that becomes due in it happen. */
  public void advance(Duration by) {
    Instant end = instant().plus(by);
    for (Optional<Task> due = due(end); due.isPresent(); due = due(end)) {
      due.get().what().run();
    }
    synchronized (this) {
      now = end;
    }
  }

  private synchronized Optional<Task> due(Instant end) {
    Optional<Task> next =
        tasks.stream()
            .filter(t -> !t.at().isAfter(end))
            .min(Comparator.comparing(Task::at).thenComparing(Task::order));
    next.ifPresent(
        t -> {
          tasks.remove(t);
          if (t.at().isAfter(now)) {
            now = t.at();
          }
        });
    return next;
  }
}
