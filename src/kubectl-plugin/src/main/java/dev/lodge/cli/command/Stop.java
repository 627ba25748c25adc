package dev.lodge.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lodge.cli.Context;
import dev.lodge.cli.client.Goal;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code lodge stop}. */
@Command(
    name = "stop",
    description = "Stop VMs: the power button first, after the grace period the plug.",
    sortOptions = false)
public final class Stop extends PowerVerb {
  @Option(names = "--force", description = "Pull the plug: the guest is not asked.")
  private boolean force;

  public Stop(Context context) {
    super(context, "stop", "stopping");
  }

  @Override
  Goal goal(JsonNode before) {
    return Goal.phase("Stopped");
  }

  @Override
  String powerState() {
    return "PoweredOff";
  }

  @Override
  boolean force() {
    return force;
  }
}
