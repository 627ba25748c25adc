package dev.lodge.agent.libvirt;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** What this process holds, native threads included. */
record Resources(long threads, long descriptors) {
  static Resources now() {
    return new Resources(entries("/proc/self/task"), entries("/proc/self/fd"));
  }

  private static long entries(String directory) {
    try (Stream<Path> all = Files.list(Path.of(directory))) {
      return all.count();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
