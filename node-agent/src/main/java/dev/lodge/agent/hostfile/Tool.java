package dev.lodge.agent.hostfile;

import java.io.File;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** Runs a program of the host with a bare environment, without input, and not for ever. */
public final class Tool {
  private static final List<Path> DIRECTORIES =
      List.of(
          Path.of("/usr/local/bin"),
          Path.of("/usr/bin"),
          Path.of("/bin"),
          Path.of("/usr/sbin"),
          Path.of("/sbin"));
  private static final int MAX_WORDS = 2000;

  private Tool() {}

  /** The path of the first of these programs that is installed. */
  public static Optional<Path> find(String... names) {
    for (String name : names) {
      for (Path directory : DIRECTORIES) {
        Path program = directory.resolve(name);
        if (Files.isExecutable(program)) {
          return Optional.of(program);
        }
      }
    }
    return Optional.empty();
  }

  /**
   * Runs a command to its end and returns the last of its output. Interrupting the thread kills it.
   *
   * @param name of the program, for messages
   * @param words where its output is kept meanwhile; a file of ours, removed afterwards
   * @throws IOException it failed, with its last words, or took too long and was killed
   */
  public static String run(
      String name,
      List<String> command,
      Map<String, String> environment,
      Path words,
      Duration limit)
      throws IOException {
    var builder = new ProcessBuilder(command);
    builder.environment().clear();
    builder.environment().put("PATH", "/usr/bin:/bin:/usr/sbin:/sbin");
    builder.environment().put("LC_ALL", "C");
    builder.environment().putAll(environment);
    builder.redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")));
    builder.redirectErrorStream(true);
    builder.redirectOutput(words.toFile());
    Process process = builder.start();
    try {
      if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new IOException(name + " took longer than " + limit.toSeconds() + " s");
      }
      if (process.exitValue() != 0) {
        throw new IOException(name + ": " + lastWords(words));
      }
      return lastWords(words);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException(name + " was interrupted");
    } finally {
      process.destroyForcibly();
      Files.deleteIfExists(words);
    }
  }

  private static String lastWords(Path words) throws IOException {
    String all = new String(Files.readAllBytes(words), StandardCharsets.UTF_8).strip();
    String last = all.length() <= MAX_WORDS ? all : all.substring(all.length() - MAX_WORDS);
    List<String> lines = new ArrayList<>();
    last.lines().filter(line -> !line.isBlank()).forEach(lines::add);
    return String.join(" / ", lines);
  }
}
