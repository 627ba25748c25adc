package dev.lodge.agent.store;

import dev.lodge.agent.log.Log;
import dev.lodge.agent.store.NodeStore.Subscription;
import dev.lodge.api.ResourceKind;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * The latest changes, and those who want to hear of them. One thread tells all listeners, in the
 * order of the versions: a listener that blocks holds up the others, and what they did not hear yet
 * waits in memory; so listeners only enqueue. One that throws is told of the next change all the
 * same.
 */
final class WatchLog implements AutoCloseable {
  private final int capacity;
  private final ArrayDeque<StoreEvent> ring = new ArrayDeque<>();
  private final List<Watch> watches = new ArrayList<>();
  private final ExecutorService dispatcher;
  private long forgottenThrough;

  private static final class Watch implements Subscription {
    private final ResourceKind kind;
    private final Consumer<StoreEvent> listener;
    private volatile boolean closed;

    Watch(ResourceKind kind, Consumer<StoreEvent> listener) {
      this.kind = kind;
      this.listener = listener;
    }

    void tell(StoreEvent event) {
      if (closed || event.object().kind() != kind) {
        return;
      }
      try {
        listener.accept(event);
      } catch (RuntimeException e) {
        Log.fault("store", e);
      }
    }

    @Override
    public void close() {
      closed = true;
    }
  }

  /**
   * @param capacity how many changes are remembered
   * @param version changes up to this one are not known
   */
  WatchLog(int capacity, long version) {
    this.capacity = capacity;
    this.forgottenThrough = version;
    this.dispatcher =
        new ThreadPoolExecutor(
            1,
            1,
            0,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            Thread.ofPlatform().daemon().name("lodge-store-watch").factory(),
            // Closed: nobody is told any more.
            new ThreadPoolExecutor.DiscardPolicy());
  }

  synchronized void append(StoreEvent event) {
    ring.addLast(event);
    while (ring.size() > capacity) {
      forgottenThrough = ring.removeFirst().object().resourceVersion();
    }
    watches.removeIf(w -> w.closed);
    if (!watches.isEmpty()) {
      List<Watch> listeners = List.copyOf(watches);
      dispatcher.execute(() -> listeners.forEach(w -> w.tell(event)));
    }
  }

  synchronized Subscription watch(ResourceKind kind, long after, Consumer<StoreEvent> listener) {
    if (after < forgottenThrough) {
      throw new StoreException(
          StoreException.Reason.Expired,
          "version "
              + after
              + " is too old, changes are known from "
              + forgottenThrough
              + " on: list again");
    }
    Watch watch = new Watch(kind, listener);
    List<StoreEvent> missed = new ArrayList<>();
    for (StoreEvent e : ring) {
      if (e.object().resourceVersion() > after) {
        missed.add(e);
      }
    }
    watches.add(watch);
    dispatcher.execute(() -> missed.forEach(watch::tell));
    return watch;
  }

  /** Runs something between two changes, on the thread of the listeners. */
  void execute(Runnable task) {
    dispatcher.execute(task);
  }

  @Override
  public void close() {
    dispatcher.shutdownNow();
  }
}
