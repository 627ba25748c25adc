package dev.lodge.agent.hostfile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DirectIoTest {
  @TempDir Path temp;

  @Test
  void worksOnExt4EvenForAnEmptyFile() throws IOException {
    assumeTrue(Files.getFileStore(temp).type().equals("ext4"));
    Path file = Files.createFile(temp.resolve("f"));

    assertThat(new DirectIo().works(file, FileFacts.of(file).id())).isTrue();
  }

  @Test
  void doesNotWorkOnProc() throws IOException {
    Path file = Path.of("/proc/self/status");

    assertThat(new DirectIo().works(file, FileFacts.of(file).id())).isFalse();
  }
}
