package dev.lodge.cli.command;

import dev.lodge.cli.Context;
import dev.lodge.cli.ExitCode;
import dev.lodge.cli.Failure;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Unmatched;

/**
 * {@code lodge agent}, for the help and for completion: the launcher starts the agent itself, in a
 * JVM with a class path and flags of its own, and never comes here.
 */
@Command(name = "agent", description = "Run the node agent alone on this machine.")
public final class Agent implements Runnable {
  @Unmatched private List<String> words = List.of();

  /** Takes what every command is given, and needs none of it. */
  public Agent(Context context) {}

  @Override
  public void run() {
    throw new Failure(
        ExitCode.USAGE,
        "the agent is started by the launcher:  bin/lodge agent " + String.join(" ", words));
  }
}
