package dev.lodge.agent.image;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lodge.agent.image.Digests.Algorithm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class DigestsTest {
  @TempDir Path temp;

  @Test
  void isTheOneThatEverybodyKnows() throws IOException {
    Path abc = Files.writeString(temp.resolve("abc"), "abc");

    assertThat(Digests.of(Algorithm.SHA256, abc))
        .isEqualTo("sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    assertThat(Digests.of(Algorithm.SHA512, abc))
        .isEqualTo(
            "sha512:ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
                + "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f");
  }

  @ParameterizedTest
  @EnumSource(Algorithm.class)
  void isTheSameByEitherWayAndLeavesNothing(Algorithm algorithm) throws IOException {
    Path large = Files.write(temp.resolve("large"), new byte[9 << 20]);

    assertThat(Digests.of(algorithm, large)).isEqualTo(Digests.inJava(algorithm, large));
    try (var left = Files.list(temp)) {
      assertThat(left).containsExactly(large);
    }
  }
}
