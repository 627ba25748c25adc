package dev.lodge.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lodge.cli.Context;
import dev.lodge.cli.client.Goal;
import picocli.CommandLine.Command;

/** {@code lodge pause}. */
@Command(
    name = "pause",
    description = "Pause VMs: their CPUs stand still, memory and devices stay.",
    sortOptions = false)
public final class Pause extends PowerVerb {
  public Pause(Context context) {
    super(context, "pause", "pausing");
  }

  @Override
  Goal goal(JsonNode before) {
    return Goal.phase("Paused");
  }
}
