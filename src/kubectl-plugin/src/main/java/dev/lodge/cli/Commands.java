package dev.lodge.cli;

import dev.lodge.cli.command.Agent;
import dev.lodge.cli.command.Apply;
import dev.lodge.cli.command.Completion;
import dev.lodge.cli.command.Console;
import dev.lodge.cli.command.Delete;
import dev.lodge.cli.command.Describe;
import dev.lodge.cli.command.Diff;
import dev.lodge.cli.command.Edit;
import dev.lodge.cli.command.Get;
import dev.lodge.cli.command.Host;
import dev.lodge.cli.command.Image;
import dev.lodge.cli.command.Logs;
import dev.lodge.cli.command.Network;
import dev.lodge.cli.command.Pause;
import dev.lodge.cli.command.Reset;
import dev.lodge.cli.command.Restart;
import dev.lodge.cli.command.Resume;
import dev.lodge.cli.command.Run;
import dev.lodge.cli.command.Start;
import dev.lodge.cli.command.Stop;
import dev.lodge.cli.command.Validate;
import dev.lodge.cli.command.VersionCommand;
import dev.lodge.cli.command.Xml;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import picocli.CommandLine;

/**
 * The verbs, in the order of the help. Only the one that is called is made: to reflect over all of
 * them would cost more than the answer.
 */
final class Commands {
  private static final Map<String, Function<Context, Object>> VERBS = new LinkedHashMap<>();

  static {
    VERBS.put("agent", Agent::new);
    VERBS.put("validate", Validate::new);
    VERBS.put("run", Run::new);
    VERBS.put("apply", Apply::new);
    VERBS.put("edit", Edit::new);
    VERBS.put("delete", Delete::new);
    VERBS.put("get", Get::new);
    VERBS.put("describe", Describe::new);
    VERBS.put("start", Start::new);
    VERBS.put("stop", Stop::new);
    VERBS.put("restart", Restart::new);
    VERBS.put("reset", Reset::new);
    VERBS.put("pause", Pause::new);
    VERBS.put("resume", Resume::new);
    VERBS.put("console", Console::new);
    VERBS.put("logs", Logs::new);
    VERBS.put("xml", Xml::new);
    VERBS.put("diff", Diff::new);
    VERBS.put("network", Network::new);
    VERBS.put("image", Image::new);
    VERBS.put("host", Host::new);
    VERBS.put("version", VersionCommand::new);
    VERBS.put("completion", Completion::new);
  }

  /** What works on objects alone; the others need an API of verbs, which a cluster has not yet. */
  private static final List<String> IN_CLUSTER =
      List.of(
          "validate", "edit", "get", "describe", "start", "stop", "diff", "version", "completion");

  private Commands() {}

  /** The command line for these words: with the one verb that is among them, or with all. */
  static CommandLine commandLine(Context context, String[] words) {
    var line = new CommandLine(new Lodge(context));
    if (context.cluster()) {
      line.setCommandName("kubectl lodge");
    }
    Function<Context, Object> verb = words.length == 0 ? null : VERBS.get(words[0]);
    if (verb != null && context.cluster() && !IN_CLUSTER.contains(words[0])) {
      throw new Failure(
          ExitCode.USAGE,
          "'%s' does not work in a cluster yet; there are: %s. Manifests are applied and deleted by kubectl itself."
              .formatted(words[0], String.join(", ", IN_CLUSTER)));
    }
    if (words.length == 1 && words[0].equals("--version")) {
      return line;
    }
    if (verb != null && !words[0].equals("completion")) {
      add(line, words[0], verb.apply(context));
    } else {
      VERBS.forEach(
          (name, make) -> {
            if (!context.cluster() || IN_CLUSTER.contains(name)) {
              add(line, name, make.apply(context));
            }
          });
    }
    return line;
  }

  private static void add(CommandLine line, String name, Object verb) {
    var sub = new CommandLine(verb);
    String[] examples = Examples.of(name);
    if (examples.length > 0) {
      sub.getCommandSpec().usageMessage().footer(examples);
    }
    line.addSubcommand(name, sub);
  }
}
