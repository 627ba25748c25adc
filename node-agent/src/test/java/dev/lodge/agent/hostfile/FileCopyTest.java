package dev.lodge.agent.hostfile;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FileCopyTest {
  @TempDir Path temp;

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 511, 65536, 65537, 3_000_001})
  void copiesEveryByte(int size) throws IOException {
    byte[] content = new byte[size];
    new Random(size).nextBytes(content);
    Path source = Files.write(temp.resolve("a"), content);

    FileCopy.copy(source, temp.resolve("b"), _ -> {});

    assertThat(temp.resolve("b")).hasBinaryContent(content);
  }

  @Test
  void keepsHoles() throws IOException {
    Path source = temp.resolve("a");
    try (var f = new RandomAccessFile(source.toFile(), "rw")) {
      f.seek(50 << 20);
      f.write("data".getBytes(US_ASCII));
      f.setLength(200 << 20);
    }
    List<Long> progress = new ArrayList<>();

    FileCopy.copy(source, temp.resolve("b"), progress::add);

    assertThat(Files.mismatch(source, temp.resolve("b"))).isEqualTo(-1);
    assertThat(allocated(temp.resolve("b"))).isLessThan(1 << 20);
    assertThat(progress).isSorted().last().isEqualTo(200L << 20);
  }

  @Test
  void progressMayEndTheCopy() throws IOException {
    Path source = Files.write(temp.resolve("a"), new byte[5 << 20]);

    assertThatThrownBy(
            () ->
                FileCopy.copy(
                    source,
                    temp.resolve("b"),
                    _ -> {
                      throw new CancellationException();
                    }))
        .isInstanceOf(CancellationException.class);
  }

  @Test
  void aFileThatGrowsMeanwhileIsCopiedAsLongAsItWas() throws IOException {
    Path source = Files.write(temp.resolve("a"), "x".repeat(3 << 20).getBytes(US_ASCII));

    FileCopy.copy(
        source,
        temp.resolve("b"),
        at -> {
          if (at <= 3 << 20) {
            append(source, "y".repeat(1 << 20));
          }
        });

    assertThat(temp.resolve("b")).hasSize(3 << 20);
  }

  private static void append(Path file, String text) {
    try {
      Files.writeString(file, text, US_ASCII, StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static long allocated(Path file) throws IOException {
    Process du = new ProcessBuilder("du", "-B1", file.toString()).start();
    return Long.parseLong(new String(du.getInputStream().readAllBytes(), US_ASCII).split("\\s")[0]);
  }
}
