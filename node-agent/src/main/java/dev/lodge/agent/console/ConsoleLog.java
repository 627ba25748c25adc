package dev.lodge.agent.console;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Reads a console's log from its oldest byte that is kept, and goes on as it grows. virtlogd writes
 * {@code file} and, when that is full, renames {@code file.0} to {@code file.1}, {@code file} to
 * {@code file.0}, and begins a new {@code file}; at a domain's start it begins anew. Files are told
 * apart by inode, never by name, so that a rotation in the middle loses no byte and repeats none; a
 * file that is open here keeps its inode, which so cannot come back as another's.
 *
 * <p>A reader that falls behind the whole ring goes on with the oldest file that is left. Blocks;
 * not for use by two threads at once.
 */
public final class ConsoleLog implements Closeable {
  /** virtlogd keeps 3 unless told otherwise. */
  static final int MAX_BACKUPS = 16;

  private final Path file;
  private @Nullable FileChannel current;
  private @Nullable Object currentKey;

  /** One file of the ring, the newest first. */
  private record Member(Path path, Object key, long size) {}

  /**
   * @param file as in the domain's XML; it may not be there yet
   */
  public ConsoleLog(Path file) {
    this.file = file;
  }

  /**
   * Begins with the last bytes instead of the oldest; before anything was read.
   *
   * @param bytes at most so many; fewer if there are not so many
   */
  public void skipToLast(long bytes) throws IOException {
    long wanted = bytes;
    Member from = null;
    long offset = 0;
    for (Member m : ring()) {
      from = m;
      if (m.size() >= wanted) {
        offset = m.size() - wanted;
        break;
      }
      wanted -= m.size();
    }
    if (from != null && open(from) && current != null) {
      current.position(offset);
    }
  }

  /**
   * Reads what comes next.
   *
   * @return how many bytes were put; 0: all that is there was read
   */
  public int read(ByteBuffer into) throws IOException {
    while (into.hasRemaining()) {
      FileChannel from = current;
      if (from == null) {
        List<Member> ring = ring();
        if (ring.isEmpty()) {
          return 0;
        }
        open(ring.getLast());
        continue;
      }
      int n = from.read(into);
      if (n > 0) {
        return n;
      }
      if (from.size() < from.position()) {
        from.position(0); // Cut off in place: it began anew.
        continue;
      }
      if (Objects.equals(key(file), currentKey)) {
        return 0; // This is the newest file, and its end.
      }
      Member next = successor();
      if (next == null) {
        return 0; // Renamed already, and the new file is not there yet.
      }
      // Nothing is written to a file once it is renamed, so what this finds is its rest.
      n = from.read(into);
      if (n > 0) {
        return n;
      }
      open(next);
    }
    return 0;
  }

  /** The file that was begun after the current one; if that left the ring, the oldest. */
  private @Nullable Member successor() throws IOException {
    List<Member> ring = ring();
    for (int i = ring.size() - 1; i >= 0; i--) {
      if (ring.get(i).key().equals(currentKey)) {
        return i == 0 || ring.get(i - 1).key().equals(currentKey) ? null : ring.get(i - 1);
      }
    }
    return ring.isEmpty() ? null : ring.getLast();
  }

  /**
   * The files that are there, newest first. They are looked at in the order in which a rotation
   * moves them, so that one on its way is seen twice rather than never.
   */
  private List<Member> ring() throws IOException {
    List<Member> seen = look();
    for (int i = 0; i < 3; i++) {
      List<Member> again = look();
      if (keys(again).equals(keys(seen))) {
        return again;
      }
      seen = again;
    }
    return seen;
  }

  private static List<Object> keys(List<Member> ring) {
    return ring.stream().map(Member::key).toList();
  }

  private List<Member> look() throws IOException {
    List<Member> ring = new ArrayList<>();
    add(ring, file);
    for (int i = 0; i < MAX_BACKUPS; i++) {
      add(ring, file.resolveSibling(file.getFileName() + "." + i));
    }
    return ring;
  }

  private static void add(List<Member> ring, Path path) throws IOException {
    try {
      BasicFileAttributes a =
          Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
      Object key = a.fileKey();
      if (a.isRegularFile() && key != null) {
        ring.add(new Member(path, key, a.size()));
      }
    } catch (NoSuchFileException e) {
      // Not kept, or on its way to another name.
    }
  }

  private static @Nullable Object key(Path path) throws IOException {
    try {
      return Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
          .fileKey();
    } catch (NoSuchFileException e) {
      return null;
    }
  }

  /** Opens a file of the ring; false: by then another one had its name, so look again. */
  private boolean open(Member member) throws IOException {
    FileChannel opened;
    try {
      opened = FileChannel.open(member.path(), StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS);
    } catch (NoSuchFileException e) {
      return false;
    }
    if (!member.key().equals(key(member.path()))) {
      opened.close();
      return false;
    }
    close();
    current = opened;
    currentKey = member.key();
    return true;
  }

  /** Whether no file of the ring is there. */
  public boolean absent() throws IOException {
    return ring().isEmpty();
  }

  @Override
  public void close() throws IOException {
    FileChannel open = current;
    current = null;
    currentKey = null;
    if (open != null) {
      open.close();
    }
  }
}
