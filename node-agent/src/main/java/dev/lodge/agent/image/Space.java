package dev.lodge.agent.image;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The free space of a disk, of which a reserve is left for everything else that lives there. */
final class Space {
  /** How much is written between two looks. */
  private static final long STEP = 64L << 20;

  private final Path directory;
  private final long reserve;
  private long looked;

  Space(Path directory, long reserve) {
    this.directory = directory;
    this.reserve = reserve;
  }

  /**
   * Checks that so many bytes fit.
   *
   * @throws ImportException {@link ImageFailure.DiskFull}
   */
  void require(long bytes) throws ImportException, IOException {
    long free = free();
    if (free - reserve < bytes) {
      throw new ImportException(
          new ImageFailure.DiskFull(directory.toString(), bytes + reserve, free));
    }
  }

  /** Looks again now and then, for sizes that nobody told and for others that write here. */
  void used(long bytes) throws ImportException, IOException {
    if (bytes - looked >= STEP) {
      looked = bytes;
      require(0);
    }
  }

  long free() throws IOException {
    return Files.getFileStore(directory).getUsableSpace();
  }

  /** The kernel's own words for a full disk. */
  static boolean isFull(IOException e) {
    String message = String.valueOf(e.getMessage());
    return message.contains("No space left") || message.contains("quota exceeded");
  }
}
