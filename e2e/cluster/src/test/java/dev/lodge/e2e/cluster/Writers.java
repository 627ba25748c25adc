package dev.lodge.e2e.cluster;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The checker that looks at the open files of every QEMU of this machine, by device number, as long
 * as this is open; closing it fails if some disk had two writers.
 */
final class Writers implements AutoCloseable {
  private final Path log;

  private Writers(Path log) {
    this.log = log;
  }

  static Writers watching() {
    try {
      Path log = Files.createTempFile("lodge-writers", ".log");
      Bed.fault("writers", "start", log.toString());
      return new Writers(log);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    Bed.fault("writers", "stop", log.toString());
    try {
      Files.delete(log);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
