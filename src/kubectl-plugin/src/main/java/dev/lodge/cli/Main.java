package dev.lodge.cli;

import dev.lodge.cli.command.Messages;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import picocli.CommandLine;

/** Starts the command line. */
public final class Main {
  private Main() {}

  /** Runs one command and exits with its code. */
  public static void main(String[] words) {
    // The JVM's own streams would turn what is no ASCII into question marks where no locale is set.
    var out =
        new PrintStream(new FileOutputStream(FileDescriptor.out), false, StandardCharsets.UTF_8);
    var err =
        new PrintStream(new FileOutputStream(FileDescriptor.err), false, StandardCharsets.UTF_8);
    var context =
        new Context(System.in, out, err, System.getenv(), System.getProperty("lodge.tty", ""));
    System.exit(run(context, words));
  }

  /** Runs one command and returns its exit code. */
  public static int run(Context context, String... words) {
    CommandLine line;
    try {
      line = Commands.commandLine(context, words);
    } catch (Failure e) {
      Messages.error(context, e.getMessage());
      context.err().flush();
      return e.code().number();
    }
    line.setOut(new PrintWriter(context.out(), true, StandardCharsets.UTF_8));
    line.setErr(new PrintWriter(context.err(), true, StandardCharsets.UTF_8));
    line.registerConverter(Duration.class, new Durations());
    line.setCaseInsensitiveEnumValuesAllowed(true);
    line.setExecutionExceptionHandler((e, where, result) -> failed(context, e));
    line.setParameterExceptionHandler((e, arguments) -> misused(context, e));
    int code = line.execute(words);
    context.out().flush();
    context.err().flush();
    return code;
  }

  private static int failed(Context context, Exception e) throws Exception {
    if (e instanceof Failure failure) {
      Messages.error(context, failure.getMessage());
      return failure.code().number();
    }
    if (!context.variable("LODGE_DEBUG").isEmpty()) {
      throw e;
    }
    Messages.error(
        context, "this is a bug of lodge: " + e + "\nWith LODGE_DEBUG=1 it shows where.");
    return ExitCode.FAILED.number();
  }

  private static int misused(Context context, CommandLine.ParameterException e) {
    Messages.error(context, e.getMessage());
    CommandLine line = e.getCommandLine();
    if (!CommandLine.UnmatchedArgumentException.printSuggestions(e, line.getErr())) {
      context.err().println("See '" + line.getCommandSpec().qualifiedName() + " --help'.");
    }
    context.err().flush();
    return ExitCode.USAGE.number();
  }
}
