package dev.lodge.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lodge.cli.Context;
import dev.lodge.cli.client.Goal;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code lodge restart}. */
@Command(
    name = "restart",
    description = "Stop and start VMs; what awaits a restart is applied.",
    sortOptions = false)
public final class Restart extends PowerVerb {
  @Option(names = "--force", description = "Pull the plug: the guest is not asked.")
  private boolean force;

  public Restart(Context context) {
    super(context, "restart", "restarting");
  }

  @Override
  Goal goal(JsonNode before) {
    return Goal.startedAgain(before.path("status").path("startedAt").asText());
  }

  @Override
  boolean force() {
    return force;
  }
}
