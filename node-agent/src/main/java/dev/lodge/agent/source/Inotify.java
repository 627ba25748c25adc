package dev.lodge.agent.source;

import com.sun.jna.LastErrorException;
import com.sun.jna.Memory;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * The kernel's events of one directory. The JDK's WatchService polls on top of the same, but has no
 * close-after-write, so it cannot tell a file that is whole from one that is half written.
 *
 * <p>One thread reads; any thread may {@link #wake} or {@link #close} it.
 */
final class Inotify implements AutoCloseable {
  static final int ATTRIB = 0x4;
  static final int CLOSE_WRITE = 0x8;
  static final int MOVED_FROM = 0x40;
  static final int MOVED_TO = 0x80;
  static final int CREATE = 0x100;
  static final int DELETE = 0x200;
  static final int DELETE_SELF = 0x400;
  static final int MOVE_SELF = 0x800;
  static final int UNMOUNT = 0x2000;
  static final int Q_OVERFLOW = 0x4000;
  static final int IGNORED = 0x8000;

  private static final int ONLYDIR = 0x1000000;
  private static final int MASK =
      ATTRIB
          | CLOSE_WRITE
          | MOVED_FROM
          | MOVED_TO
          | CREATE
          | DELETE
          | DELETE_SELF
          | MOVE_SELF
          | ONLYDIR;

  /** IN_CLOEXEC and EFD_CLOEXEC, IN_NONBLOCK and EFD_NONBLOCK. */
  private static final int FLAGS = Libc.O_CLOEXEC | Libc.O_NONBLOCK;

  private static final short POLLIN = 1;
  private static final int HEADER = 16;
  private static final int BUFFER = 1 << 16;

  private final int fd;
  private final int wakeFd;
  private final Memory buffer = new Memory(BUFFER);
  private final Memory polled = new Memory(16);

  /**
   * What happened.
   *
   * @param watch which watch it belongs to; -1 for an overflow
   * @param name of the file in the directory; empty if it is about the directory itself
   */
  record Event(int watch, int mask, String name) {
    boolean is(int bits) {
      return (mask & bits) != 0;
    }
  }

  private Inotify(int fd, int wakeFd) {
    this.fd = fd;
    this.wakeFd = wakeFd;
    polled.setInt(0, fd);
    polled.setShort(4, POLLIN);
    polled.setInt(8, wakeFd);
    polled.setShort(12, POLLIN);
  }

  /**
   * @throws IOException the kernel gives no more; fs.inotify.max_user_instances is used up
   */
  static Inotify open() throws IOException {
    try {
      int fd = Libc.inotify_init1(FLAGS);
      try {
        return new Inotify(fd, Libc.eventfd(0, FLAGS));
      } catch (LastErrorException e) {
        Libc.close(fd);
        throw e;
      }
    } catch (LastErrorException e) {
      throw new IOException("inotify: " + Libc.message(e), e);
    }
  }

  /**
   * Watches a directory.
   *
   * @throws IOException it is not there, no directory, or the kernel's watches are used up
   */
  int watch(Path directory) throws IOException {
    try {
      return Libc.inotify_add_watch(fd, Libc.path(directory), MASK);
    } catch (LastErrorException e) {
      throw new IOException("inotify on " + directory + ": " + Libc.message(e), e);
    }
  }

  /** Ends a watch; nothing happens if the kernel did so already. */
  void unwatch(int watch) {
    try {
      Libc.inotify_rm_watch(fd, watch);
    } catch (LastErrorException e) {
      // EINVAL: the directory is gone, and its watch with it.
    }
  }

  /** Waits for events; none if the time is over or somebody called {@link #wake}. */
  List<Event> read(Duration timeout) throws IOException {
    try {
      long millis = Math.max(0, timeout.plusNanos(999_999).toMillis());
      if (Libc.poll(polled, 2, (int) Math.min(millis, Integer.MAX_VALUE)) == 0) {
        return List.of();
      }
      if ((polled.getShort(14) & POLLIN) != 0) {
        Libc.read(wakeFd, new byte[8], 8);
      }
      if ((polled.getShort(6) & POLLIN) == 0) {
        return List.of();
      }
      return parse(Libc.read(fd, buffer, BUFFER));
    } catch (LastErrorException e) {
      if (e.getErrorCode() == Libc.EINTR) {
        return List.of();
      }
      throw new IOException("inotify: " + Libc.message(e), e);
    }
  }

  /** Lets a reader return. */
  void wake() {
    Libc.write(wakeFd, new byte[] {1, 0, 0, 0, 0, 0, 0, 0}, 8);
  }

  /** To be called when nobody reads any more. */
  @Override
  public void close() {
    Libc.close(fd);
    Libc.close(wakeFd);
  }

  private List<Event> parse(long length) {
    List<Event> events = new ArrayList<>();
    for (long at = 0; at + HEADER <= length; ) {
      int nameLength = buffer.getInt(at + 12);
      events.add(
          new Event(buffer.getInt(at), buffer.getInt(at + 4), name(at + HEADER, nameLength)));
      at += HEADER + nameLength;
    }
    return events;
  }

  private String name(long at, int length) {
    if (length == 0) {
      return "";
    }
    byte[] bytes = buffer.getByteArray(at, length);
    int end = 0;
    while (end < length && bytes[end] != 0) {
      end++;
    }
    return new String(bytes, 0, end, StandardCharsets.UTF_8);
  }
}
