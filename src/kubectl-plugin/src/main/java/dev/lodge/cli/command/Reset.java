package dev.lodge.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lodge.cli.Context;
import dev.lodge.cli.client.Goal;
import picocli.CommandLine.Command;

/** {@code lodge reset}. */
@Command(
    name = "reset",
    description = "Reset VMs as their reset button would; nothing of the hardware changes.",
    sortOptions = false)
public final class Reset extends PowerVerb {
  public Reset(Context context) {
    super(context, "reset", "reset");
  }

  @Override
  Goal goal(JsonNode before) {
    return Goal.running();
  }
}
