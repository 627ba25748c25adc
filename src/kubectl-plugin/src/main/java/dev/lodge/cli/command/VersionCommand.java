package dev.lodge.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lodge.cli.Context;
import dev.lodge.cli.Failure;
import dev.lodge.cli.Version;
import dev.lodge.cli.output.Sanitizer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code lodge version}. */
@Command(name = "version", description = "The versions of this program and of the agent.")
public final class VersionCommand implements Runnable {
  private final Context context;

  @Option(names = "--client", description = "Only this program's; the agent is not asked.")
  private boolean client;

  public VersionCommand(Context context) {
    this.context = context;
  }

  @Override
  public void run() {
    context.out().println("lodge " + Version.text());
    if (!client) {
      try {
        JsonNode version = context.api().get("/version");
        String text = version.path("gitVersion").asText("unknown");
        // The agent says which Kubernetes it speaks like, and then what it is.
        String own = text.substring(text.indexOf("+lodge-") + 1).replaceFirst("^lodge-", "");
        context.out().println("agent " + Sanitizer.line(own));
      } catch (Failure e) {
        context.out().println("agent not reached");
      }
    }
  }
}
