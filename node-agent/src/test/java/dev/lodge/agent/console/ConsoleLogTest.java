package dev.lodge.agent.console;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ConsoleLogTest {
  @TempDir Path dir;
  private Path file;
  private Ring ring;

  /** Writes and rotates in the very order of virtlogd. */
  private static final class Ring {
    private final Path file;
    private final int backups;

    Ring(Path file, int backups) {
      this.file = file;
      this.backups = backups;
    }

    void write(String text) throws IOException {
      write(text.getBytes(StandardCharsets.US_ASCII));
    }

    void write(byte[] bytes) throws IOException {
      Files.write(file, bytes, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    void rotate() throws IOException {
      for (int i = backups - 1; i >= 0; i--) {
        Path from = i == 0 ? file : backup(i - 1);
        if (Files.exists(from)) {
          Files.move(from, backup(i), StandardCopyOption.ATOMIC_MOVE);
        }
      }
      Files.write(file, new byte[0], StandardOpenOption.CREATE);
    }

    /** A domain starts: the whole ring goes. */
    void restart() throws IOException {
      Files.deleteIfExists(file);
      for (int i = 0; i < backups; i++) {
        Files.deleteIfExists(backup(i));
      }
      Files.write(file, new byte[0], StandardOpenOption.CREATE);
    }

    private Path backup(int i) {
      return file.resolveSibling(file.getFileName() + "." + i);
    }
  }

  @BeforeEach
  void ring() {
    file = dir.resolve("serial0.log");
    ring = new Ring(file, 3);
  }

  private static String read(ConsoleLog log) throws IOException {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    ByteBuffer buffer = ByteBuffer.allocate(7);
    while (log.read(buffer) > 0) {
      all.write(buffer.array(), 0, buffer.position());
      buffer.clear();
    }
    return all.toString(StandardCharsets.US_ASCII);
  }

  @Test
  void readsTheRingFromItsOldestByteAndThenWhatComes() throws IOException {
    ring.write("one ");
    ring.rotate();
    ring.write("two ");
    ring.rotate();
    ring.write("three ");
    try (ConsoleLog log = new ConsoleLog(file)) {
      assertThat(read(log)).isEqualTo("one two three ");

      ring.write("four ");
      ring.rotate();
      ring.write("five");

      assertThat(read(log)).isEqualTo("four five");
      assertThat(read(log)).isEmpty();
    }
  }

  @Test
  void aFileThatComesLaterIsReadFromItsBeginning() throws IOException {
    try (ConsoleLog log = new ConsoleLog(file)) {
      assertThat(read(log)).isEmpty();
      assertThat(log.absent()).isTrue();

      ring.write("hello");

      assertThat(read(log)).isEqualTo("hello");
    }
  }

  @Test
  void ofAWholeRingThatWasMissedTheOldestThatIsLeftComesNext() throws IOException {
    ring.write("a");
    try (ConsoleLog log = new ConsoleLog(file)) {
      assertThat(read(log)).isEqualTo("a");
      for (String s : new String[] {"b", "c", "d", "e", "f"}) {
        ring.rotate();
        ring.write(s);
      }

      assertThat(read(log)).isEqualTo("cdef");
    }
  }

  @Test
  void aNewBootIsReadFromItsBeginning() throws IOException {
    ring.write("boot one");
    try (ConsoleLog log = new ConsoleLog(file)) {
      assertThat(read(log)).isEqualTo("boot one");

      ring.restart();
      ring.write("boot two");

      assertThat(read(log)).isEqualTo("boot two");
    }
  }

  @Test
  void aFileCutOffInPlaceIsReadFromItsBeginning() throws IOException {
    ring.write("boot one");
    try (ConsoleLog log = new ConsoleLog(file)) {
      read(log);

      Files.write(file, "two".getBytes(StandardCharsets.US_ASCII));

      assertThat(read(log)).isEqualTo("two");
    }
  }

  @Test
  void skipsToTheLastBytesAcrossFiles() throws IOException {
    ring.write("0123456789");
    ring.rotate();
    ring.write("abc");
    try (ConsoleLog some = new ConsoleLog(file);
        ConsoleLog all = new ConsoleLog(file);
        ConsoleLog none = new ConsoleLog(file)) {
      some.skipToLast(5);
      all.skipToLast(1000);
      none.skipToLast(0);

      assertThat(read(some)).isEqualTo("89abc");
      assertThat(read(all)).isEqualTo("0123456789abc");
      assertThat(read(none)).isEmpty();
      ring.write("d");
      assertThat(read(none)).isEqualTo("d");
    }
  }

  @Test
  void aSymbolicLinkIsNoLog() throws IOException {
    Path secret = Files.writeString(dir.resolve("secret"), "secret");
    Files.createSymbolicLink(file, secret);

    try (ConsoleLog log = new ConsoleLog(file)) {
      assertThat(read(log)).isEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
  void noByteIsLostOrRepeatedWhileItIsRotated(long seed) throws Exception {
    // A reader that keeps up with the ring: nothing is thrown away that it has not read.
    int total = 400_000;
    AtomicLong consumed = new AtomicLong();
    CompletableFuture<Void> writer =
        CompletableFuture.runAsync(
            () -> {
              Random random = new Random(seed);
              int written = 0;
              long lastRotation = 0;
              long beforeThat = 0;
              try {
                while (written < total) {
                  int n = Math.min(total - written, 1 + random.nextInt(600));
                  byte[] part = new byte[n];
                  for (int i = 0; i < n; i++) {
                    part[i] = content(written + i);
                  }
                  ring.write(part);
                  written += n;
                  if (random.nextInt(3) == 0 && beforeThat <= consumed.get()) {
                    ring.rotate();
                    beforeThat = lastRotation;
                    lastRotation = written;
                  }
                }
              } catch (IOException e) {
                throw new IllegalStateException(e);
              }
            });
    ByteBuffer buffer = ByteBuffer.allocate(997);
    long deadline = System.nanoTime() + Duration.ofSeconds(60).toNanos();
    try (ConsoleLog log = new ConsoleLog(file)) {
      int at = 0;
      while (at < total) {
        assertThat(System.nanoTime()).as("read %d of %d", at, total).isLessThan(deadline);
        buffer.clear();
        int n = log.read(buffer);
        for (int i = 0; i < n; i++) {
          if (buffer.get(i) != content(at + i)) {
            assertThat(buffer.get(i))
                .as("byte %d, seed %d", at + i, seed)
                .isEqualTo(content(at + i));
          }
        }
        at += n;
        consumed.set(at);
      }
      writer.get(10, TimeUnit.SECONDS);
      buffer.clear();
      assertThat(log.read(buffer)).isZero();
    }
  }

  /** A byte that tells its place: no short shift of the sequence looks the same. */
  private static byte content(int i) {
    return (byte) ((i * 2654435761L) >>> 16);
  }
}
