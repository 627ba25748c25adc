package dev.lodge.agent.source;

import dev.lodge.agent.store.DurableFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * Which directory the manifests were in, kept over restarts. The inode alone: device numbers may be
 * others after a reboot.
 */
final class DirectoryIdentity {
  private static final long UNKNOWN = -1;

  private final Path file;
  private long inode;

  private DirectoryIdentity(Path file, long inode) {
    this.file = file;
    this.inode = inode;
  }

  /** A file that is not there or not readable means that no directory is known. */
  static DirectoryIdentity open(Path file) throws IOException {
    try {
      return new DirectoryIdentity(
          file, Long.parseLong(Files.readString(file, StandardCharsets.US_ASCII).strip()));
    } catch (NoSuchFileException | NumberFormatException e) {
      return new DirectoryIdentity(file, UNKNOWN);
    }
  }

  /** Whether there was ever a directory. */
  boolean known() {
    return inode != UNKNOWN;
  }

  boolean is(Fingerprint directory) {
    return directory.inode() == inode;
  }

  /** Remembers a directory; nothing is written if it is the same. */
  void set(Fingerprint directory) throws IOException {
    if (!is(directory)) {
      DurableFiles.write(
          file, Long.toString(directory.inode()).getBytes(StandardCharsets.US_ASCII));
      inode = directory.inode();
    }
  }
}
