package dev.lodge.agent.storage;

import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/** Copies that take long, one at a time, away from the threads that run VMs. */
final class FullCopies implements AutoCloseable {
  private final Map<Key, Copy> copies = new HashMap<>();
  private final Consumer<String> ready;
  private final ThreadPoolExecutor thread =
      new ThreadPoolExecutor(
          1,
          1,
          10,
          TimeUnit.SECONDS,
          new LinkedBlockingQueue<>(),
          Thread.ofPlatform().daemon().name("disk-copy-", 0).factory());

  private record Key(String uid, String disk) {}

  private static final class Copy {
    volatile long bytes;
    volatile boolean cancelled;
    @Nullable Runnable task;
    boolean done;
    @Nullable Exception failure;
  }

  /** What makes the disk. */
  interface Work {
    void run(LongConsumer progress) throws StorageException, IOException;
  }

  /**
   * @param ready told the UID of the VM when one of its copies has ended, well or not
   */
  FullCopies(Consumer<String> ready) {
    this.ready = ready;
    thread.allowCoreThreadTimeOut(true);
  }

  /**
   * Starts a copy, or says how far it is.
   *
   * @return bytes copied so far
   * @throws StorageException the last try failed; the next call tries again
   */
  synchronized long copy(String uid, String disk, Work work) throws StorageException, IOException {
    var key = new Key(uid, disk);
    Copy copy = copies.get(key);
    if (copy == null) {
      var begun = new Copy();
      copies.put(key, begun);
      Runnable task = () -> run(key, begun, work);
      begun.task = task;
      thread.execute(task);
      return 0;
    }
    if (copy.failure != null) {
      copies.remove(key);
      switch (copy.failure) {
        case StorageException e -> throw e;
        case IOException e -> throw e;
        default -> throw new IllegalStateException(copy.failure);
      }
    }
    return copy.bytes;
  }

  private void run(Key key, Copy copy, Work work) {
    Exception failure = null;
    try {
      work.run(
          bytes -> {
            if (copy.cancelled) {
              throw new CancellationException();
            }
            copy.bytes = bytes;
          });
    } catch (StorageException | IOException | RuntimeException e) {
      failure = e;
    }
    synchronized (this) {
      copy.failure = failure;
      copy.done = true;
      if (failure == null || copy.cancelled) {
        copies.remove(key, copy);
      }
      notifyAll();
    }
    if (!copy.cancelled) {
      ready.accept(key.uid());
    }
  }

  /**
   * Ends the copies of a VM and waits until they have ended. Those whose turn has not come never
   * begin, so nobody waits for the copy of another VM.
   */
  synchronized void cancel(String uid) {
    List<Copy> his =
        copies.entrySet().stream()
            .filter(e -> e.getKey().uid().equals(uid))
            .map(Map.Entry::getValue)
            .toList();
    for (Copy copy : his) {
      copy.cancelled = true;
      copy.done |= thread.remove(copy.task);
    }
    try {
      while (his.stream().anyMatch(copy -> !copy.done)) {
        wait();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    copies.keySet().removeIf(key -> key.uid().equals(uid));
  }

  @Override
  public void close() {
    synchronized (this) {
      copies.values().forEach(copy -> copy.cancelled = true);
    }
    thread.shutdown();
    try {
      if (!thread.awaitTermination(10, TimeUnit.SECONDS)) {
        throw new IllegalStateException("a copy does not end");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
