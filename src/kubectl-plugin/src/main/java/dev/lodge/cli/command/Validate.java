package dev.lodge.cli.command;

import dev.lodge.cli.Context;
import dev.lodge.manifest.Manifest;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code lodge validate}. */
@Command(
    name = "validate",
    description = {
      "Check manifests; no agent is needed.",
      "Each mistake is shown as file:line:column, the field, and what to do. Exit code 4 if there is one."
    },
    sortOptions = false)
public final class Validate implements Runnable {
  private final Context context;

  @Option(
      names = {"-f", "--filename"},
      required = true,
      paramLabel = "FILE",
      description = "File or directory; - is standard input. Repeatable.")
  private List<String> files = List.of();

  @Mixin private Namespaced namespaced = new Namespaced();

  public Validate(Context context) {
    this.context = context;
  }

  @Override
  public void run() {
    for (Manifest manifest : new Manifests(context, namespaced.namespace()).read(files)) {
      context.out().println(Manifests.target(manifest) + " valid");
    }
  }
}
