package dev.lodge.agent.store;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * The version of the store, which never goes back. A ceiling is durable and versions stay below it,
 * so that a change costs no write of the counter; after a restart it goes on from the ceiling.
 */
final class VersionCounter {
  /** Versions that one write of the ceiling is good for. */
  private static final long STEP = 10_000;

  /** Where to go on when the ceiling itself is lost: far above what could have been given out. */
  private static final long LOST_STEP = 1_000_000_000L;

  private final Path file;
  private long last;
  private long ceiling;

  private VersionCounter(Path file, long start) {
    this.file = file;
    this.last = start;
    this.ceiling = start;
  }

  /**
   * @param highest the highest version among the records
   */
  static VersionCounter open(Path file, long highest, boolean recordsExist) throws IOException {
    long start;
    try {
      String text = Files.readString(file, StandardCharsets.US_ASCII).strip();
      start = Math.max(Long.parseLong(text), highest);
    } catch (NoSuchFileException e) {
      start = recordsExist ? highest + LOST_STEP : highest;
    } catch (NumberFormatException e) {
      start = highest + LOST_STEP;
    }
    VersionCounter counter = new VersionCounter(file, start);
    counter.raise();
    return counter;
  }

  /** The version given last. */
  long last() {
    return last;
  }

  /**
   * A new version.
   *
   * @throws IOException the ceiling had to be raised and could not be written; no version is lost
   */
  long next() throws IOException {
    if (last >= ceiling) {
      raise();
    }
    return ++last;
  }

  private void raise() throws IOException {
    long higher = ceiling + STEP;
    DurableFiles.write(file, Long.toString(higher).getBytes(StandardCharsets.US_ASCII));
    ceiling = higher;
  }
}
