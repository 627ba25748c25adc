package dev.lodge.cli.command;

import dev.lodge.cli.Context;
import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code lodge completion}. */
@Command(
    name = "completion",
    description = {
      "Print a script that completes commands and options.",
      "",
      "bash:  source <(lodge completion bash)",
      "zsh:   autoload -U compinit bashcompinit; compinit; bashcompinit",
      "       source <(lodge completion zsh)",
      ""
    })
public final class Completion implements Runnable {
  private final Context context;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(paramLabel = "SHELL", description = "bash or zsh; the script serves both.")
  private Shell shell = Shell.bash;

  /** The shells that can be served. */
  enum Shell {
    bash,
    zsh
  }

  public Completion(Context context) {
    this.context = context;
  }

  @Override
  public void run() {
    context.out().print(AutoComplete.bash("lodge", spec.root().commandLine()));
    if (shell == Shell.zsh) {
      context.out().println("# zsh reads this by its bashcompinit.");
    }
  }
}
