package dev.lodge.agent.image;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DigestsTest {
  @TempDir Path temp;

  @Test
  void isTheOneThatEverybodyKnows() throws IOException {
    assertThat(Digests.sha256(Files.writeString(temp.resolve("abc"), "abc")))
        .isEqualTo("sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  }

  @Test
  void isTheSameByEitherWayAndLeavesNothing() throws IOException {
    Path large = Files.write(temp.resolve("large"), new byte[9 << 20]);

    assertThat(Digests.sha256(large)).isEqualTo(Digests.inJava(large));
    try (var left = Files.list(temp)) {
      assertThat(left).containsExactly(large);
    }
  }
}
