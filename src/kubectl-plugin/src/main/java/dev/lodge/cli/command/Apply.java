package dev.lodge.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lodge.api.ResourceKind;
import dev.lodge.cli.Context;
import dev.lodge.cli.Failure;
import dev.lodge.cli.client.ApiFailure;
import dev.lodge.cli.client.Applier;
import dev.lodge.cli.client.Goal;
import dev.lodge.cli.client.Target;
import dev.lodge.manifest.Manifest;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code lodge apply}. */
@Command(
    name = "apply",
    description = {
      "Create the objects of manifests, or change them to what the manifests say.",
      "Everything is checked before anything is sent."
    },
    sortOptions = false)
public final class Apply implements Runnable {
  private final Context context;

  @Option(
      names = {"-f", "--filename"},
      required = true,
      paramLabel = "FILE",
      description = "File or directory; - is standard input. Repeatable.")
  private List<String> files = List.of();

  @Mixin private Namespaced namespaced = new Namespaced();

  @Option(names = "--dry-run", description = "Let the agent check it, but change nothing.")
  private boolean dryRun;

  @Option(names = "--wait", description = "Wait until the VMs are as they are declared.")
  private boolean wait;

  @Mixin private Waiting waiting = new Waiting();

  public Apply(Context context) {
    this.context = context;
  }

  @Override
  public void run() {
    List<Manifest> manifests = new Manifests(context, namespaced.namespace()).read(files);
    var applier = new Applier(context.api(), dryRun);
    var failures = new Failures(context);
    Map<Target, @Nullable JsonNode> vms = new LinkedHashMap<>();
    for (Manifest manifest : manifests) {
      Target target = Manifests.target(manifest);
      try {
        Applier.Outcome outcome = applier.apply(target, manifest.tree());
        context.out().println(target + " " + outcome.word() + (dryRun ? " (dry run)" : ""));
        context.out().flush();
        if (target.kind() == ResourceKind.VirtualMachine) {
          vms.put(target, outcome.before());
        }
      } catch (ApiFailure e) {
        failures.add(
            new Failure(e.code(), manifest.file() + ": " + target + ": " + e.getMessage()));
      }
    }
    if (wait && !dryRun) {
      vms.forEach(
          (vm, before) ->
              failures.attempt(() -> waiting.await(context, vm, Goal.asDeclared(), before)));
    }
    failures.raise();
  }
}
