package dev.lodge.cli;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** Runs commands in this process and keeps what they write. */
public final class Shell {
  private final Map<String, String> variables = new LinkedHashMap<>();
  private InputStream in = InputStream.nullInputStream();

  public Shell(Path socket) {
    variables.put("LODGE_SOCKET", socket.toString());
  }

  /** What a command did. */
  public record Result(int code, String out, String err) {}

  /** The next command's standard input. */
  public Shell input(String text) {
    in = new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
    return this;
  }

  /** A variable of the environment. */
  public Shell variable(String name, String value) {
    variables.put(name, value);
    return this;
  }

  public Result run(String... words) {
    var out = new ByteArrayOutputStream();
    var err = new ByteArrayOutputStream();
    var context =
        new Context(
            in,
            new PrintStream(out, true, StandardCharsets.UTF_8),
            new PrintStream(err, true, StandardCharsets.UTF_8),
            variables,
            "");
    int code = Main.run(context, words);
    return new Result(
        code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
  }
}
