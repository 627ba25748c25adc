package dev.lodge.agent.reconcile;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Runs work by key: one run of a key at a time, wakes during a run make exactly one more, a later
 * wake is dropped where an earlier one is due. Work returns and is woken; it never sleeps.
 *
 * <p>Platform threads, because what they call ends in libvirt (java.md: on virtual threads
 * libvirt's errors get lost).
 */
public final class WorkLoop<K> implements AutoCloseable {
  private final ScheduledThreadPoolExecutor threads;
  private final Consumer<K> work;
  private final Consumer<Throwable> broken;
  private final Map<K, Slot> slots = new HashMap<>();
  private boolean closed;

  private static final class Slot {
    boolean running;
    boolean again;
    @Nullable ScheduledFuture<?> timer;
    long dueNanos;
  }

  /**
   * @param broken told of what {@code work} threw; the key is woken again after a second
   */
  public WorkLoop(String name, int threads, Consumer<K> work, Consumer<Throwable> broken) {
    var count = new java.util.concurrent.atomic.AtomicInteger();
    this.threads =
        new ScheduledThreadPoolExecutor(
            threads,
            r ->
                Thread.ofPlatform()
                    .daemon()
                    .name(name + "-" + count.incrementAndGet())
                    .unstarted(r));
    this.threads.setRemoveOnCancelPolicy(true);
    this.work = work;
    this.broken = broken;
  }

  /** Runs the key as soon as a thread is free. */
  public void wake(K key) {
    wakeIn(key, Duration.ZERO);
  }

  /** Runs the key after a while, unless it is due earlier. */
  public synchronized void wakeIn(K key, Duration delay) {
    if (closed) {
      return;
    }
    Slot slot = slots.computeIfAbsent(key, _ -> new Slot());
    if (slot.running && delay.isZero()) {
      slot.again = true;
      return;
    }
    long due = System.nanoTime() + delay.toNanos();
    if (slot.timer != null) {
      if (slot.dueNanos - due <= 0) {
        return;
      }
      slot.timer.cancel(false);
    }
    slot.dueNanos = due;
    slot.timer = threads.schedule(() -> run(key), delay.toNanos(), TimeUnit.NANOSECONDS);
  }

  private void run(K key) {
    synchronized (this) {
      Slot slot = slots.get(key);
      if (slot == null || closed) {
        return;
      }
      slot.timer = null;
      if (slot.running) {
        slot.again = true;
        return;
      }
      slot.running = true;
      slot.again = false;
    }
    boolean failed = false;
    try {
      work.accept(key);
    } catch (RuntimeException | Error e) {
      failed = true;
      broken.accept(e);
    }
    synchronized (this) {
      Slot slot = slots.get(key);
      if (slot == null) {
        return;
      }
      slot.running = false;
      if (slot.again) {
        slot.again = false;
        wake(key);
      } else if (failed) {
        wakeIn(key, Duration.ofSeconds(1));
      } else if (slot.timer == null) {
        slots.remove(key);
      }
    }
  }

  /** Whether it was closed: what is under way then need not be told. */
  synchronized boolean closed() {
    return closed;
  }

  /** No further work begins; work under way ends by itself. */
  @Override
  public void close() {
    synchronized (this) {
      closed = true;
      slots.clear();
    }
    threads.shutdownNow();
  }
}
