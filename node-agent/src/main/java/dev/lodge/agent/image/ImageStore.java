package dev.lodge.agent.image;

import dev.lodge.agent.hostfile.OpenFile;
import dev.lodge.agent.hostfile.References;
import dev.lodge.agent.image.ImageState.Absent;
import dev.lodge.agent.image.ImageState.Failed;
import dev.lodge.agent.image.ImageState.Importing;
import dev.lodge.agent.image.ImageState.Present;
import dev.lodge.agent.store.StoredObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The images of this host. An image comes in once, however many VMs wait for it, and is never
 * changed afterwards, so that linked clones may share it. All methods may be called from any thread
 * and none waits for an import.
 */
public final class ImageStore implements AutoCloseable {
  private static final long PROGRESS_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final StoreLayout layout;
  private final References references;
  private final ImageLimits limits;
  private final ImageListener listener;
  private final ThreadPoolExecutor threads;
  private final Map<String, Known> known = new HashMap<>();
  private final Map<String, Running> running = new HashMap<>();
  private final ReadWriteLock collecting = new ReentrantReadWriteLock();

  /**
   * What was found, for one generation of the object.
   *
   * @param failures in a row
   */
  private record Known(long generation, ImageState state, int failures, long sinceNanos) {

    boolean stillHolds(StoredObject image, Duration retry) {
      if (generation != image.generation()) {
        return false;
      }
      return switch (state) {
        case Present p -> Files.exists(p.file());
        case Failed f -> !f.failure().retryable() || System.nanoTime() - sinceNanos < wait(retry);
        case Absent _, Importing _ -> true;
      };
    }

    private long wait(Duration retry) {
      return retry.toNanos() << Math.min(failures - 1, 6);
    }
  }

  private static final class Running {
    final CompletableFuture<ImageState> done = new CompletableFuture<>();
    volatile Importing progress = new Importing(0, -1);
    long toldNanos = System.nanoTime();
    private @Nullable Thread thread;
    private boolean cancelled;

    /** False: it was cancelled before its turn came. */
    synchronized boolean begin() {
      thread = cancelled ? null : Thread.currentThread();
      return !cancelled;
    }

    /** After this no interrupt comes any more. */
    synchronized void end() {
      thread = null;
      if (Thread.interrupted()) {
        cancelled = true;
      }
    }

    synchronized void cancel() {
      cancelled = true;
      if (thread != null) {
        thread.interrupt();
      }
    }
  }

  /**
   * Opens the store.
   *
   * @param directory made if it is not there; QEMU's user must be able to enter its parents
   * @throws IOException it cannot be made
   */
  public ImageStore(
      Path directory, References references, ImageLimits limits, ImageListener listener)
      throws IOException {
    this.layout = new StoreLayout(Trees.make(directory.toAbsolutePath().normalize(), Trees.ENTER));
    this.references = references;
    this.limits = limits;
    this.listener = listener;
    this.threads =
        new ThreadPoolExecutor(
            limits.threads(),
            limits.threads(),
            10,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            Thread.ofPlatform().daemon().name("image-import-", 0).factory());
    threads.allowCoreThreadTimeOut(true);
  }

  /** How it is with an image now. */
  public synchronized ImageState state(StoredObject image) {
    Running now = running.get(image.uid());
    if (now != null) {
      return now.progress;
    }
    Known before = known.get(image.uid());
    if (before != null && before.stillHolds(image, limits.retry())) {
      return before.state();
    }
    ImageState state = look(image);
    remember(image, state);
    return state;
  }

  private void remember(StoredObject image, ImageState state) {
    Known before = known.get(image.uid());
    int earlier =
        before == null || before.generation() != image.generation() ? 0 : before.failures();
    int failures =
        switch (state) {
          case Present _ -> 0;
          case Failed _ -> earlier + 1;
          case Absent _, Importing _ -> earlier;
        };
    known.put(image.uid(), new Known(image.generation(), state, failures, System.nanoTime()));
  }

  private ImageState look(StoredObject image) {
    try {
      return layout.look(image.uid(), References.imageSpec(image), limits.maxVirtualSize());
    } catch (IOException e) {
      return new Failed(new ImageFailure.StoreBroken(layout.root() + ": " + e));
    }
  }

  /**
   * Has an image brought in, unless it is here or on its way. One that failed is tried again when
   * that may help and some time has passed ({@link ImageLimits#retry}), or after {@link #retry}.
   *
   * @return completes with Present or Failed, never exceptionally; the listener is told too
   */
  public CompletionStage<ImageState> ensure(StoredObject image) {
    return ensure(image, null);
  }

  /**
   * The same for an image of a registry, which somebody else has pulled.
   *
   * @param from its file; closed here
   */
  public synchronized CompletionStage<ImageState> ensure(
      StoredObject image, @Nullable OpenFile from) {
    Running now = running.get(image.uid());
    ImageState state = now == null ? state(image) : now.progress;
    if (from != null && (now != null || !(state instanceof Absent))) {
      from.close();
    }
    if (now != null) {
      return now.done.minimalCompletionStage();
    }
    if (!(state instanceof Absent)) {
      return CompletableFuture.completedStage(state);
    }
    var begun = new Running();
    running.put(image.uid(), begun);
    threads.execute(() -> bring(image, begun, from));
    return begun.done.minimalCompletionStage();
  }

  private void bring(StoredObject image, Running run, @Nullable OpenFile from) {
    ImageState outcome = new Failed(new ImageFailure.Cancelled());
    try {
      if (run.begin()) {
        listener.changed(image, run.progress);
        outcome =
            new ImageImport(
                    layout, references, limits, (at, total) -> progress(image, run, at, total))
                .run(image, References.imageSpec(image), from);
      }
    } catch (RuntimeException e) {
      outcome = new Failed(new ImageFailure.StoreBroken("a defect of Lodge: " + e));
    } finally {
      run.end();
      if (from != null) {
        from.close();
      }
      finish(image, run, outcome);
    }
  }

  private void progress(StoredObject image, Running run, long at, long total) {
    run.progress = new Importing(at, total);
    long now = System.nanoTime();
    if (now - run.toldNanos >= PROGRESS_NANOS) {
      run.toldNanos = now;
      listener.changed(image, run.progress);
    }
  }

  private void finish(StoredObject image, Running run, ImageState outcome) {
    synchronized (this) {
      running.remove(image.uid(), run);
      remember(image, outcome);
    }
    try {
      listener.changed(image, outcome);
    } finally {
      run.done.complete(outcome);
    }
  }

  /** Forgets that an import failed; the next {@link #ensure} tries again. */
  public synchronized void retry(String uid) {
    Known before = known.get(uid);
    if (before != null && before.state() instanceof Failed) {
      known.remove(uid);
    }
  }

  /** Ends an import; what was fetched stays for the next one until {@link #collect}. */
  public synchronized void cancel(String uid) {
    Running now = running.get(uid);
    if (now != null) {
      now.cancel();
    }
  }

  /** While this is open, {@link #collect} deletes nothing: for whoever makes a clone. */
  public Pin pin() {
    collecting.readLock().lock();
    return collecting.readLock()::unlock;
  }

  /** Closed by the thread that took it. */
  @FunctionalInterface
  public interface Pin extends AutoCloseable {
    @Override
    void close();
  }

  /**
   * Deletes what nobody needs.
   *
   * @param objects UIDs of all VmImage objects
   * @param used image files that disks are made of; asked while no clone can be made
   * @return how many images and parts of images went
   */
  public int collect(Set<String> objects, Supplier<Set<Path>> used) throws IOException {
    collecting.writeLock().lock();
    try {
      Set<Path> needed = used.get();
      int gone = 0;
      for (StoreLayout.Entry entry : layout.entries()) {
        if (!objects.contains(entry.uid())
            && !needed.contains(entry.directory().resolve(StoreLayout.FILE))
            && forget(entry.uid())) {
          Trees.delete(entry.directory());
          gone++;
        }
      }
      forgetAllBut(objects);
      return gone;
    } finally {
      collecting.writeLock().unlock();
    }
  }

  private synchronized boolean forget(String uid) {
    if (running.containsKey(uid)) {
      return false;
    }
    known.remove(uid);
    return true;
  }

  /** Nobody asks for the state of an image whose object is gone; its file may stay. */
  private synchronized void forgetAllBut(Set<String> objects) {
    known.keySet().retainAll(objects);
  }

  /** Of how many images something is remembered. */
  synchronized int remembered() {
    return known.size();
  }

  /** Ends all imports; they go on with the next agent. */
  @Override
  public void close() {
    synchronized (this) {
      running.values().forEach(Running::cancel);
    }
    // Those whose turn has not come see that they were cancelled, and tell whoever waits.
    threads.shutdown();
    try {
      if (!threads.awaitTermination(10, TimeUnit.SECONDS)) {
        throw new IllegalStateException("an import does not end");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
