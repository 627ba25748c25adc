package dev.lodge.agent.source;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;

/** {@link ManifestFilesContract} on a file system in memory. */
class ManifestFilesInMemoryTest extends ManifestFilesContract {
  private @Nullable Path directory;

  @Override
  Path base() throws IOException {
    Path memory = Path.of("/dev/shm");
    Assumptions.assumeTrue(Files.isWritable(memory), "no /dev/shm");
    Path made = Files.createTempDirectory(memory, "lodge-test");
    directory = made;
    return made;
  }

  @AfterEach
  void remove() throws IOException {
    if (directory != null) {
      close();
      try (Stream<Path> all = Files.walk(directory)) {
        for (Path p : all.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(p);
        }
      }
    }
  }
}
