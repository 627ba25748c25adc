package dev.lodge.cli.terminal;

import dev.lodge.cli.Context;
import dev.lodge.cli.ExitCode;
import dev.lodge.cli.Failure;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/** The user's editor on a private file. */
public final class Editor implements AutoCloseable {
  private final Context context;
  private final Path file;

  /** Makes the file, readable by the user alone. */
  public Editor(Context context, String name) {
    this.context = context;
    try {
      file =
          Files.createTempFile(
              "lodge-" + name + "-",
              ".yaml",
              PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    } catch (IOException e) {
      throw new Failure(ExitCode.FAILED, "a temporary file cannot be made: " + e.getMessage());
    }
  }

  /** Where the text is; after a failure it is kept there. */
  public Path file() {
    return file;
  }

  /** Lets the user edit a text. */
  public String edit(String text) {
    try {
      Files.writeString(file, text);
      // The variable may hold arguments, as in "code --wait": the shell takes it apart.
      int code =
          new ProcessBuilder("/bin/sh", "-c", command() + " \"$1\"", "sh", file.toString())
              .inheritIO()
              .start()
              .waitFor();
      if (code != 0) {
        throw new Failure(
            ExitCode.FAILED, "the editor '" + command() + "' ended with code " + code);
      }
      return Files.readString(file, StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new Failure(ExitCode.FAILED, "editing " + file + ": " + e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new Failure(ExitCode.FAILED, "interrupted");
    }
  }

  private String command() {
    for (String name : new String[] {"LODGE_EDITOR", "VISUAL", "EDITOR"}) {
      if (!context.variable(name).isBlank()) {
        return context.variable(name);
      }
    }
    return "vi";
  }

  /** Removes the file. */
  @Override
  public void close() {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      context.err().println("warning: " + file + " was left: " + e.getMessage());
    }
  }
}
