package dev.lodge.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lodge.cli.Context;
import dev.lodge.cli.client.Goal;
import picocli.CommandLine.Command;

/** {@code lodge resume}. */
@Command(name = "resume", description = "Let paused VMs go on.", sortOptions = false)
public final class Resume extends PowerVerb {
  public Resume(Context context) {
    super(context, "resume", "resuming");
  }

  @Override
  Goal goal(JsonNode before) {
    return Goal.running();
  }
}
