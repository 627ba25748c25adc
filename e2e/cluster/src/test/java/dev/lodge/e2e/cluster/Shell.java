package dev.lodge.e2e.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Runs commands as a user would type them. */
final class Shell {
  private static final long LONGEST_SECONDS = 300;

  private Shell() {}

  /** What a command did. */
  record Result(int code, String out, String err) {
    Result ok() {
      assertThat(code).as("%s%s", out, err).isZero();
      return this;
    }

    /** Refused, with this in what it says. */
    Result refused(String... words) {
      assertThat(code).as("%s%s", out, err).isNotZero();
      assertThat(err).contains(words);
      return this;
    }
  }

  static Result run(@Nullable String input, List<String> command) {
    try {
      Path out = Files.createTempFile("lodge-e2e", ".out");
      Path err = Files.createTempFile("lodge-e2e", ".err");
      try {
        Process process =
            new ProcessBuilder(command)
                .redirectOutput(out.toFile())
                .redirectError(err.toFile())
                .start();
        try (var stdin = process.getOutputStream()) {
          if (input != null) {
            stdin.write(input.getBytes(StandardCharsets.UTF_8));
          }
        } catch (IOException e) {
          // It ended without reading; its exit code says more.
        }
        if (!process.waitFor(LONGEST_SECONDS, TimeUnit.SECONDS)) {
          process.destroyForcibly();
          throw new AssertionError(String.join(" ", command) + " does not end");
        }
        return new Result(process.exitValue(), Files.readString(out), Files.readString(err));
      } finally {
        Files.delete(out);
        Files.delete(err);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  static Result run(String... command) {
    return run(null, List.of(command));
  }
}
