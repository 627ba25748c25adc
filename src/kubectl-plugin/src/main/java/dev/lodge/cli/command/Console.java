package dev.lodge.cli.command;

import dev.lodge.cli.Context;
import dev.lodge.cli.terminal.ConsoleSession;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code lodge console}. */
@Command(
    name = "console",
    description = {
      "Attach the terminal to a VM's console; Ctrl-] detaches.",
      "First comes all that the console said since the guest's boot. In a script, standard input"
          + " goes to the guest; its end does not end the session: use --until or --timeout."
    },
    sortOptions = false)
public final class Console implements Runnable {
  private final Context context;

  @Mixin private OneVm vm = new OneVm();

  @Option(
      names = "--device",
      paramLabel = "DEVICE",
      description = "serial or virtio; default: the first that the VM has.")
  private String device = "";

  @Option(
      names = "--until",
      paramLabel = "TEXT",
      description = "End, with exit code 0, once the guest has written this.")
  private @Nullable String until;

  @Option(
      names = "--timeout",
      paramLabel = "TIME",
      description = "End, with exit code 6, after this time, e.g. 90s.")
  private @Nullable Duration timeout;

  public Console(Context context) {
    this.context = context;
  }

  @Override
  public void run() {
    String text = until == null || until.isEmpty() ? null : until;
    new ConsoleSession(context)
        .attach(vm.target(), new ConsoleSession.Options(device, text, timeout));
  }
}
