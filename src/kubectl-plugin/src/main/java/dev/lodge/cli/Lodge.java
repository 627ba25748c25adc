package dev.lodge.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** The command {@code lodge} itself. */
@Command(
    name = "lodge",
    description = "Virtual machines from manifests: on one machine, or on the nodes of a cluster.",
    synopsisSubcommandLabel = "COMMAND",
    versionProvider = Version.class,
    sortOptions = false,
    footer = {
      "",
      "Exit codes: 0 done, 1 failed, 2 wrong usage, 3 not found, 4 refused, 5 no agent, 6 timed out.",
      "'lodge COMMAND --help' tells more about a command."
    })
final class Lodge implements Runnable {
  private final Context context;

  @CommandLine.Spec
  private CommandLine.Model.CommandSpec spec = CommandLine.Model.CommandSpec.create();

  Lodge(Context context) {
    this.context = context;
  }

  @Option(
      names = "--socket",
      paramLabel = "FILE",
      scope = ScopeType.INHERIT,
      description =
          "The agent's socket; default: LODGE_SOCKET, else " + Context.DEFAULT_SOCKET + ".")
  void socket(String path) {
    context.socket(path);
  }

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      scope = ScopeType.INHERIT,
      description = "Show this help.")
  @SuppressWarnings("UnusedVariable") // picocli sets and asks for it
  private boolean help;

  @Option(names = "--version", versionHelp = true, description = "Show the version.")
  @SuppressWarnings("UnusedVariable") // picocli sets and asks for it
  private boolean version;

  /** Without a verb: the help, as a wrong use. */
  @Override
  public void run() {
    throw new CommandLine.ParameterException(spec.commandLine(), "Say what to do.");
  }
}
