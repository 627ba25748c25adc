package dev.lodge.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lodge.cli.Context;
import dev.lodge.cli.ExitCode;
import dev.lodge.cli.Failure;
import dev.lodge.cli.client.Goal;
import dev.lodge.cli.client.Target;
import dev.lodge.cli.client.Waiter;
import dev.lodge.cli.output.Progress;
import dev.lodge.cli.output.Sanitizer;
import java.time.Duration;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The option {@code --timeout}, and how waiting is shown. */
final class Waiting {
  private static final Pattern DURATION = Pattern.compile("([0-9]{1,7})(s|m|h|)");

  @Option(
      names = "--timeout",
      paramLabel = "TIME",
      description = "The longest wait, e.g. 90s or 10m; default 5m.")
  private String timeout = "5m";

  Duration timeout() {
    return parse("--timeout", timeout);
  }

  /** Waits for a VM, shows how far it is, and says when it is there. */
  void await(Context context, Target vm, Goal goal, @Nullable JsonNode before) {
    try (var progress = progress(context)) {
      JsonNode there = new Waiter(context.api(), progress).await(vm, goal, before, timeout());
      progress.close();
      String phase = there.path("status").path("phase").asText().toLowerCase(Locale.ROOT);
      context.out().println(vm + " is " + Sanitizer.line(phase));
      context.out().flush();
    }
  }

  static Duration parse(String option, String text) {
    Matcher m = DURATION.matcher(text);
    if (!m.matches()) {
      throw new Failure(
          ExitCode.USAGE, option + ": '" + text + "' is no time; write for example 90s, 10m or 1h");
    }
    long n = Long.parseLong(m.group(1));
    return switch (m.group(2)) {
      case "m" -> Duration.ofMinutes(n);
      case "h" -> Duration.ofHours(n);
      default -> Duration.ofSeconds(n);
    };
  }

  static Progress progress(Context context) {
    return new Progress(context.err(), context.errorIsTerminal(), System::nanoTime);
  }
}
