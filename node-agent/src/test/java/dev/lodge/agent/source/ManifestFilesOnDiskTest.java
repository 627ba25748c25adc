package dev.lodge.agent.source;

import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

/** {@link ManifestFilesContract} on the disk of the tests. */
class ManifestFilesOnDiskTest extends ManifestFilesContract {
  @TempDir Path directory;

  @Override
  Path base() {
    return directory;
  }
}
