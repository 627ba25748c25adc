package dev.lodge.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lodge.cli.Context;
import dev.lodge.cli.client.Goal;
import dev.lodge.cli.client.Target;
import dev.lodge.cli.client.Waiter;
import dev.lodge.cli.output.Progress;
import dev.lodge.cli.output.Sanitizer;
import java.time.Duration;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The option {@code --timeout}, and how waiting is shown. */
final class Waiting {
  @Option(
      names = "--timeout",
      paramLabel = "TIME",
      description = "The longest wait, e.g. 90s or 10m; default 5m.")
  private Duration timeout = Duration.ofMinutes(5);

  Duration timeout() {
    return timeout;
  }

  /** Waits for a VM, shows how far it is, and says when it is there. */
  void await(Context context, Target vm, Goal goal, @Nullable JsonNode before) {
    try (var progress = progress(context)) {
      JsonNode there = new Waiter(context.api(), progress).await(vm, goal, before, timeout);
      progress.close();
      String phase = there.path("status").path("phase").asText().toLowerCase(Locale.ROOT);
      context.out().println(vm + " is " + Sanitizer.line(phase));
      context.out().flush();
    }
  }

  static Progress progress(Context context) {
    return new Progress(context.err(), context.errorIsTerminal(), System::nanoTime);
  }
}
