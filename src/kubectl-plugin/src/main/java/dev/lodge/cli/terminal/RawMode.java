package dev.lodge.cli.terminal;

import dev.lodge.cli.ExitCode;
import dev.lodge.cli.Failure;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * The terminal on standard input, raw: every key goes to the guest, none to the shell. The former
 * mode comes back on close and when the process ends by a signal.
 */
final class RawMode implements AutoCloseable {
  private final String former;
  private final Thread hook = new Thread(this::restore, "restore-terminal");

  private RawMode(String former) {
    this.former = former;
  }

  static RawMode enter() {
    var mode = new RawMode(stty(List.of("-g")).strip());
    Runtime.getRuntime().addShutdownHook(mode.hook);
    stty(List.of("raw", "-echo"));
    return mode;
  }

  private void restore() {
    stty(List.of(former));
  }

  private static String stty(List<String> arguments) {
    var command = new ArrayList<String>(List.of("stty"));
    command.addAll(arguments);
    try {
      Process process =
          new ProcessBuilder(command)
              .redirectInput(Redirect.INHERIT)
              .redirectError(Redirect.INHERIT)
              .start();
      String output =
          new String(process.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
      if (process.waitFor() != 0) {
        throw new Failure(ExitCode.FAILED, "stty cannot set the terminal");
      }
      return output;
    } catch (IOException e) {
      throw new Failure(ExitCode.FAILED, "the program stty is needed: " + e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new Failure(ExitCode.FAILED, "interrupted");
    }
  }

  @Override
  public void close() {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      return; // The process is ending already: the hook does it.
    }
    restore();
  }
}
