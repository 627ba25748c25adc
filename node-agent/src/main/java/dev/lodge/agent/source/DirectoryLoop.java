package dev.lodge.agent.source;

import dev.lodge.agent.log.Log;
import dev.lodge.agent.source.DirectoryWatch.Attached;
import dev.lodge.agent.store.StoreException;
import java.io.IOException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The thread that follows the directory. Events are acted on as they come; what lies in the
 * kernel's queue at once is one pass. Besides it looks at everything now and then, because not
 * every change makes an event here: files behind links, network file systems, mounts.
 */
final class DirectoryLoop implements AutoCloseable {
  /** How often to look for a directory that is not there. */
  private static final Duration LOST_POLL = Duration.ofMillis(500);

  /** Whither a ConfigMap volume's links lead: its change is a rename of this name alone. */
  private static final String CONFIG_MAP_DATA = "..data";

  private static final int DIRECTORY_GONE =
      Inotify.DELETE_SELF | Inotify.MOVE_SELF | Inotify.UNMOUNT | Inotify.IGNORED;

  private final DirectoryWorld world;
  private final DirectoryWatch watch;
  private final DirectoryPasses passes;
  private final Duration poll;
  private final CountDownLatch settled = new CountDownLatch(1);
  private final Thread thread;
  private long nextScan;
  private volatile boolean closed;

  /**
   * @param poll how often to look at everything
   */
  DirectoryLoop(DirectoryWorld world, DirectoryWatch watch, DirectoryPasses passes, Duration poll) {
    this.world = world;
    this.watch = watch;
    this.passes = passes;
    this.poll = poll;
    this.nextScan = world.nanos().getAsLong();
    this.thread = Thread.ofPlatform().daemon().name("lodge-manifests").unstarted(this::run);
  }

  void start() {
    thread.start();
  }

  /** Waits until what the directory held at the start is in the store, as far as it can be. */
  void awaitSettled(Duration atMost) throws InterruptedException {
    if (!settled.await(atMost.toNanos(), TimeUnit.NANOSECONDS)) {
      Log.warn("manifests", "they keep changing; going on with what is known");
    }
  }

  @Override
  public void close() {
    closed = true;
    watch.wake();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    watch.close();
  }

  private void run() {
    while (!closed) {
      try {
        turn();
      } catch (StoreException e) {
        // Told as a problem by the pass; it is due again.
        settled.countDown();
      } catch (IOException | RuntimeException e) {
        Log.fault("manifests", e);
        nextScan = world.nanos().getAsLong() + LOST_POLL.toNanos();
      }
    }
  }

  private void turn() throws IOException {
    boolean changed = false;
    boolean scan = false;
    for (Inotify.Event e : watch.read(timeout())) {
      if (e.is(Inotify.Q_OVERFLOW)) {
        watch.detach();
        scan = true;
      } else if (e.is(DIRECTORY_GONE)) {
        world.directory().markLost();
        watch.detach();
        scan = true;
      } else if (e.name().equals(CONFIG_MAP_DATA)
          || !world.directory().contents().availability().counts()) {
        scan = true;
      } else {
        changed |= file(e);
      }
    }
    Duration due = passes.left();
    boolean passDue = due != null && !due.isPositive();
    if (scan || passDue || world.nanos().getAsLong() >= nextScan) {
      scan(changed || passDue);
    } else if (changed) {
      passes.run(Set.of(), false);
    }
  }

  private boolean file(Inotify.Event e) {
    ManifestDirectory directory = world.directory();
    String name = e.name();
    if (!ManifestDirectory.counts(name) || !ManifestDirectory.usable(directory.path(), name)) {
      return false;
    }
    if (e.is(Inotify.MOVED_TO | Inotify.CLOSE_WRITE)) {
      return directory.written(name);
    }
    if (e.is(Inotify.MOVED_FROM | Inotify.DELETE)) {
      return directory.gone(name);
    }
    return e.is(Inotify.CREATE) ? directory.created(name) : directory.attributes(name);
  }

  private void scan(boolean passWanted) {
    // First the watch, then the look: what changes in between makes an event.
    Attached attached = watch.attach();
    ManifestDirectory.Scan scan = world.directory().rescan();
    Duration next =
        scan.unsettled() ? ManifestDirectory.SETTLED : attached == Attached.NO ? LOST_POLL : poll;
    nextScan = world.nanos().getAsLong() + next.toNanos();
    boolean mended = world.objects().retryDamaged();
    boolean first = settled.getCount() > 0;
    if (scan.changed() || mended || passWanted || first) {
      passes.run(Set.of(), true);
    }
    if (passes.left() == null && !scan.unsettled()) {
      settled.countDown();
    }
  }

  private Duration timeout() {
    Duration untilScan = Duration.ofNanos(nextScan - world.nanos().getAsLong());
    @Nullable Duration untilPass = passes.left();
    return untilPass != null && untilPass.compareTo(untilScan) < 0 ? untilPass : untilScan;
  }
}
