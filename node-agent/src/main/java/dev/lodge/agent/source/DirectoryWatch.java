package dev.lodge.agent.source;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Keeps a watch on whatever directory is at a path: it may go, come back, and be another one. One
 * thread uses it, but any may {@link #wake} it.
 */
final class DirectoryWatch implements AutoCloseable {
  private static final int NONE = -1;

  private final Path directory;
  private final Inotify inotify;
  private int watch = NONE;
  private @Nullable Fingerprint watched;

  private DirectoryWatch(Path directory, Inotify inotify) {
    this.directory = directory;
    this.inotify = inotify;
  }

  /**
   * @throws IOException the kernel gives no inotify instance
   */
  static DirectoryWatch open(Path directory) throws IOException {
    return new DirectoryWatch(directory, Inotify.open());
  }

  /** Waits for events of the directory; what is left of former ones is dropped. */
  List<Inotify.Event> read(Duration timeout) throws IOException {
    return inotify.read(timeout).stream()
        .filter(e -> e.is(Inotify.Q_OVERFLOW) || e.watch() == watch)
        .toList();
  }

  /** Lets a reader return. */
  void wake() {
    inotify.wake();
  }

  /** The directory of this watch is gone. */
  void detach() {
    if (watch != NONE) {
      inotify.unwatch(watch);
      watch = NONE;
      watched = null;
    }
  }

  /** Whether events of what is at the path now arrive; if not, it is tried. */
  Attached attach() {
    Fingerprint now;
    try {
      now = Fingerprint.of(directory);
    } catch (IOException e) {
      detach();
      return Attached.NO;
    }
    if (watched != null && watched.device() == now.device() && watched.inode() == now.inode()) {
      return Attached.AS_BEFORE;
    }
    boolean first = watched == null;
    detach();
    try {
      watch = inotify.watch(directory);
      watched = now;
      return first ? Attached.ANEW : Attached.ELSEWHERE;
    } catch (IOException e) {
      return Attached.NO;
    }
  }

  /** How a watch stands. */
  enum Attached {
    /** There is none: no directory, or no watches left. */
    NO,
    AS_BEFORE,
    /** There was none before. */
    ANEW,
    /** Another directory had come to the path without an event, e.g. by a mount. */
    ELSEWHERE
  }

  @Override
  public void close() {
    inotify.close();
  }
}
