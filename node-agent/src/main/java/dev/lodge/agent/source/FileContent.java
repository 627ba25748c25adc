package dev.lodge.agent.source;

import com.sun.jna.LastErrorException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A manifest's bytes, read so that nothing that somebody puts into the directory can hold up the
 * agent or fill its memory: no pipe blocks the open, no device is opened, nothing above the bound
 * is read. Links are followed, because Git and ConfigMap volumes make them.
 */
sealed interface FileContent {
  /** A little above what {@code ManifestReader} takes, so that it says itself what is too much. */
  int LARGEST = (3 << 20) + 1;

  /** The whole content, as it was at one moment. */
  record Read(byte[] bytes, Fingerprint fingerprint) implements FileContent {}

  /** No such file. */
  record Absent() implements FileContent {}

  /** It is there and cannot be read; the fingerprint is null if not even that is known. */
  record Unreadable(String why, @Nullable Fingerprint fingerprint) implements FileContent {}

  /** It changed while it was read: somebody writes it, and will close it. */
  record Changing() implements FileContent {}

  /** Reads a file. */
  static FileContent of(Path file) {
    Fingerprint before;
    try {
      before = Fingerprint.of(file);
    } catch (NoSuchFileException e) {
      return Files.exists(file, LinkOption.NOFOLLOW_LINKS)
          ? new Unreadable("is a symbolic link to a file that is not there", null)
          : new Absent();
    } catch (IOException e) {
      return new Unreadable("cannot be read: " + reason(e), null);
    }
    if (before.directory()) {
      return new Unreadable(
          "is a directory; manifests in directories below are not read, move them up", before);
    }
    if (!before.regular()) {
      return new Unreadable("is no regular file (a pipe, a socket or a device)", before);
    }
    if (before.size() > LARGEST) {
      return new Unreadable(
          "is " + before.size() + " bytes large; a manifest has at most " + (LARGEST - 1), before);
    }
    return open(file, before);
  }

  private static FileContent open(Path file, Fingerprint before) {
    int fd;
    try {
      fd =
          Libc.open(
              Libc.path(file), Libc.O_RDONLY | Libc.O_NONBLOCK | Libc.O_CLOEXEC | Libc.O_NOCTTY);
    } catch (LastErrorException e) {
      return e.getErrorCode() == Libc.ENOENT
          ? new Absent()
          : new Unreadable("cannot be read: " + Libc.message(e), before);
    }
    try {
      // What was opened, whatever the name means by now.
      Path opened = Path.of("/proc/self/fd/" + fd);
      if (!Fingerprint.of(opened).equals(before)) {
        return new Changing();
      }
      byte[] bytes = read(fd, (int) before.size());
      return bytes.length == before.size() && Fingerprint.of(opened).equals(before)
          ? new Read(bytes, before)
          : new Changing();
    } catch (LastErrorException e) {
      return new Unreadable("cannot be read: " + Libc.message(e), before);
    } catch (IOException e) {
      return new Unreadable("cannot be read: " + reason(e), before);
    } finally {
      Libc.close(fd);
    }
  }

  private static byte[] read(int fd, int size) {
    // One more than expected, to notice a file that grows.
    byte[] all = new byte[size + 1];
    int length = 0;
    byte[] piece = all;
    while (length < all.length) {
      long n = Libc.read(fd, piece, piece.length);
      if (n <= 0) {
        break;
      }
      if (piece != all) {
        System.arraycopy(piece, 0, all, length, (int) n);
      }
      length += (int) n;
      if (length < all.length) {
        piece = new byte[all.length - length];
      }
    }
    return Arrays.copyOf(all, length);
  }

  private static String reason(IOException e) {
    return switch (e) {
      case AccessDeniedException d -> "permission denied";
      default -> String.valueOf(e.getMessage());
    };
  }
}
