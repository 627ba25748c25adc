package dev.lodge.cli.command;

import dev.lodge.cli.Context;
import dev.lodge.cli.client.Json;
import dev.lodge.cli.client.Paths;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code lodge host ...}. */
@Command(name = "host", description = "What is known of the host.", sortOptions = false)
public final class Host implements Runnable {
  private final Context context;

  @Spec private CommandSpec spec = CommandSpec.create();

  public Host(Context context) {
    this.context = context;
  }

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "Say what to show: capabilities.");
  }

  /** {@code lodge host capabilities}. */
  @Command(
      name = "capabilities",
      description = "What the host can do, as JSON: the input of 'lodge xml --host-capabilities'.")
  void capabilities() {
    context.out().println(Json.pretty(context.api().get(Paths.hostCapabilities())));
  }
}
