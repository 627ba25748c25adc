package dev.lodge.agent.image;

import dev.lodge.agent.hostfile.Tool;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Checksums of files. */
final class Digests {
  private static final int CHUNK = 1 << 20;

  /** From here on a process is worth its start. */
  private static final long LARGE = 8L << 20;

  /** Bytes a second of the slowest disk that is waited for. */
  private static final long SLOWEST = 5L << 20;

  private Digests() {}

  /**
   * {@code sha256:} and 64 hex digits. Interrupting the thread ends it with an IOException. The
   * program of the host is three times as fast as Java with the agent's small compiler (360 against
   * 110 MiB/s).
   */
  static String sha256(Path file) throws IOException {
    long size = Files.size(file);
    Optional<Path> program = Tool.find("sha256sum");
    return size >= LARGE && program.isPresent()
        ? byProgram(program.get(), file, size)
        : inJava(file);
  }

  private static String byProgram(Path program, Path file, long size) throws IOException {
    String output =
        Tool.run(
            "sha256sum",
            List.of(program.toString(), "--binary", file.toString()),
            Map.of(),
            file.resolveSibling("sha256"),
            Duration.ofSeconds(60 + size / SLOWEST));
    if (!output.matches("[0-9a-f]{64} .*")) {
      throw new IOException("sha256sum says: " + output);
    }
    return "sha256:" + output.substring(0, 64);
  }

  static String inJava(Path file) throws IOException {
    MessageDigest digest = newDigest();
    ByteBuffer chunk = ByteBuffer.allocate(CHUNK);
    try (FileChannel in = FileChannel.open(file, StandardOpenOption.READ)) {
      while (in.read(chunk.clear()) >= 0) {
        digest.update(chunk.flip());
      }
    }
    return "sha256:" + HexFormat.of().formatHex(digest.digest());
  }

  private static MessageDigest newDigest() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
