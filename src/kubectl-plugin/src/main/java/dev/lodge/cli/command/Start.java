package dev.lodge.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lodge.cli.Context;
import dev.lodge.cli.ExitCode;
import dev.lodge.cli.Failure;
import dev.lodge.cli.client.Goal;
import dev.lodge.cli.client.Target;
import dev.lodge.cli.terminal.ConsoleSession;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code lodge start}. */
@Command(name = "start", description = "Start VMs.", sortOptions = false)
public final class Start extends PowerVerb {
  @Option(names = "--console", description = "Attach the terminal to the console of the one VM.")
  private boolean console;

  public Start(Context context) {
    super(context, "start", "starting");
  }

  @Override
  Goal goal(JsonNode before) {
    return Goal.running();
  }

  @Override
  String powerState() {
    return "PoweredOn";
  }

  @Override
  public void run() {
    if (console && names().size() != 1) {
      throw new Failure(ExitCode.USAGE, "--console is for one VM");
    }
    if (console && context().cluster()) {
      throw new Failure(ExitCode.USAGE, "--console does not work in a cluster yet");
    }
    super.run();
  }

  @Override
  void then(Map<Target, JsonNode> taken) {
    if (console) {
      Map.Entry<Target, JsonNode> vm = taken.entrySet().iterator().next();
      await(vm.getKey(), vm.getValue());
      new ConsoleSession(context()).attach(vm.getKey(), ConsoleSession.Options.interactive());
    }
  }
}
