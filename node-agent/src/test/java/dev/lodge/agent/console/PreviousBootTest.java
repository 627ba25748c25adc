package dev.lodge.agent.console;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PreviousBootTest {
  @TempDir private Path directory;
  private Path log;
  private Path previous;

  @BeforeEach
  void names() {
    log = directory.resolve("serial0.log");
    previous = directory.resolve("previous/serial0.log");
  }

  @Test
  void a_ring_becomes_the_previous_one_as_a_whole() throws Exception {
    Files.writeString(directory.resolve("serial0.log.1"), "one ");
    Files.writeString(directory.resolve("serial0.log.0"), "two ");
    Files.writeString(log, "three");

    PreviousBoot.setAside(log, previous);

    assertThat(all(new ConsoleLog(previous))).isEqualTo("one two three");
    assertThat(new ConsoleLog(log).absent()).isTrue();
  }

  @Test
  void only_one_boot_is_kept() throws Exception {
    Files.writeString(directory.resolve("serial0.log.0"), "old, ");
    Files.writeString(log, "and long");
    PreviousBoot.setAside(log, previous);
    Files.writeString(log, "newer");

    PreviousBoot.setAside(log, previous);

    assertThat(all(new ConsoleLog(previous))).isEqualTo("newer");
  }

  @Test
  void a_guest_that_said_nothing_does_not_push_out_one_that_did() throws Exception {
    Files.writeString(log, "the crash");
    PreviousBoot.setAside(log, previous);
    Files.writeString(log, "");

    PreviousBoot.setAside(log, previous);

    assertThat(all(new ConsoleLog(previous))).isEqualTo("the crash");
  }

  @Test
  void before_the_first_start_there_is_nothing_to_set_aside() throws Exception {
    PreviousBoot.setAside(log, previous);

    assertThat(previous).doesNotExist();
  }

  @Test
  void whoever_follows_reads_on_to_the_next_boot() throws Exception {
    Files.writeString(log, "first");
    try (ConsoleLog follower = new ConsoleLog(log)) {
      assertThat(read(follower)).isEqualTo("first");

      Files.writeString(log, "first, last words");
      PreviousBoot.setAside(log, previous);
      assertThat(read(follower)).isEqualTo(", last words");
      Files.writeString(log, "second");

      assertThat(read(follower)).isEqualTo("second");
    }
  }

  private static String all(ConsoleLog log) throws IOException {
    try (log) {
      var text = new StringBuilder();
      for (String part = read(log); !part.isEmpty(); part = read(log)) {
        text.append(part);
      }
      return text.toString();
    }
  }

  private static String read(ConsoleLog log) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(1024);
    int n = log.read(buffer);
    return new String(buffer.array(), 0, n, StandardCharsets.US_ASCII);
  }
}
