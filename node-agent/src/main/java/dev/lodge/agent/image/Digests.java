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

  /** The algorithms of checksums, each with the program of the host that knows it. */
  enum Algorithm {
    SHA256("sha256", "SHA-256"),
    SHA512("sha512", "SHA-512");

    private final String word;
    private final String name;

    Algorithm(String word, String name) {
      this.word = word;
      this.name = name;
    }

    /** That of a checksum of a manifest, which validation has let pass. */
    static Algorithm of(String checksum) {
      return checksum.startsWith(SHA512.word + ":") ? SHA512 : SHA256;
    }

    private String program() {
      return word + "sum";
    }

    private MessageDigest begin() {
      try {
        return MessageDigest.getInstance(name);
      } catch (NoSuchAlgorithmException e) {
        throw new IllegalStateException("every Java has " + name, e);
      }
    }
  }

  /**
   * {@code sha256:} or {@code sha512:} and hex digits. Interrupting the thread ends it with an
   * IOException. The program of the host is three times as fast as Java with the agent's small
   * compiler (360 against 110 MiB/s).
   */
  static String of(Algorithm algorithm, Path file) throws IOException {
    long size = Files.size(file);
    Optional<Path> program = Tool.find(algorithm.program());
    return size >= LARGE && program.isPresent()
        ? byProgram(algorithm, program.get(), file, size)
        : inJava(algorithm, file);
  }

  private static String byProgram(Algorithm algorithm, Path program, Path file, long size)
      throws IOException {
    String output =
        Tool.run(
            algorithm.program(),
            List.of(program.toString(), "--binary", file.toString()),
            Map.of(),
            file.resolveSibling(algorithm.word),
            Duration.ofSeconds(60 + size / SLOWEST));
    int digits = algorithm.begin().getDigestLength() * 2;
    if (!output.matches("[0-9a-f]{" + digits + "} .*")) {
      throw new IOException(algorithm.program() + " says: " + output);
    }
    return algorithm.word + ":" + output.substring(0, digits);
  }

  static String inJava(Algorithm algorithm, Path file) throws IOException {
    MessageDigest digest = algorithm.begin();
    ByteBuffer chunk = ByteBuffer.allocate(CHUNK);
    try (FileChannel in = FileChannel.open(file, StandardOpenOption.READ)) {
      while (in.read(chunk.clear()) >= 0) {
        digest.update(chunk.flip());
      }
    }
    return algorithm.word + ":" + HexFormat.of().formatHex(digest.digest());
  }
}
