package dev.lodge.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lodge.api.ResourceKind;
import dev.lodge.cli.Context;
import dev.lodge.cli.ExitCode;
import dev.lodge.cli.Failure;
import dev.lodge.cli.client.Applier;
import dev.lodge.cli.client.Goal;
import dev.lodge.cli.client.Target;
import dev.lodge.manifest.Manifest;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code lodge apply}. */
@Command(
    name = "apply",
    description = {
      "Create the objects of manifests, or change them to what the manifests say.",
      "Everything is checked, by the agent too, before anything is changed."
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
    if (dryRun) {
      tryAll(manifests, true);
      return;
    }
    if (manifests.size() > 1) {
      // What one file says belongs together: rather none of it than a part.
      tryAll(manifests, false);
    }
    Map<Target, @Nullable JsonNode> vms = applyAll(manifests);
    if (wait) {
      var failures = new Failures(context);
      vms.forEach(
          (vm, before) ->
              failures.attempt(() -> waiting.await(context, vm, Goal.asDeclared(), before)));
      failures.raise();
    }
  }

  /** Lets the agent check every object, and tells all that is refused. */
  private void tryAll(List<Manifest> manifests, boolean tell) {
    var trial = new Applier(context.api(), true);
    var failures = new Failures(context);
    for (Manifest manifest : manifests) {
      Target target = Manifests.target(manifest);
      try {
        Applier.Outcome outcome = trial.apply(target, manifest.tree());
        if (tell) {
          print(target + " " + outcome.word() + " (dry run)");
        }
      } catch (Failure e) {
        if (e.code() == ExitCode.UNREACHABLE) {
          throw e;
        }
        failures.add(refused(manifest, target, e, tell ? "" : "; nothing was applied"));
      }
    }
    failures.raise();
  }

  /**
   * Applies one after the other, in the order of references, up to the first that is refused after
   * all: what comes behind it may need it.
   *
   * @return the VMs, as they were before
   */
  private Map<Target, @Nullable JsonNode> applyAll(List<Manifest> manifests) {
    var applier = new Applier(context.api(), false);
    Map<Target, @Nullable JsonNode> vms = new LinkedHashMap<>();
    for (int i = 0; i < manifests.size(); i++) {
      Manifest manifest = manifests.get(i);
      Target target = Manifests.target(manifest);
      Applier.Outcome outcome;
      try {
        outcome = applier.apply(target, manifest.tree());
      } catch (Failure e) {
        throw refused(manifest, target, e, manifests.size() == 1 ? "" : left(manifests, i));
      }
      print(target + " " + outcome.word());
      if (target.kind() == ResourceKind.VirtualMachine) {
        vms.put(target, outcome.before());
      }
    }
    return vms;
  }

  private static String left(List<Manifest> manifests, int from) {
    return "; applied: "
        + (from == 0 ? "nothing" : names(manifests.subList(0, from)))
        + "; not applied: "
        + names(manifests.subList(from, manifests.size()));
  }

  private static String names(List<Manifest> manifests) {
    return manifests.stream()
        .map(m -> Manifests.target(m).toString())
        .collect(Collectors.joining(", "));
  }

  private static Failure refused(Manifest manifest, Target target, Failure why, String more) {
    return new Failure(
        why.code(), manifest.file() + ": " + target + ": " + why.getMessage() + more);
  }

  private void print(String line) {
    context.out().println(line);
    context.out().flush();
  }
}
