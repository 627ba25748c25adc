package dev.lodge.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lodge.api.ResourceKind;
import dev.lodge.cli.Context;
import dev.lodge.cli.ExitCode;
import dev.lodge.cli.Failure;
import dev.lodge.cli.client.ApiFailure;
import dev.lodge.cli.client.Goal;
import dev.lodge.cli.client.Paths;
import dev.lodge.cli.client.Target;
import dev.lodge.cli.client.Waiter;
import dev.lodge.manifest.Manifest;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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
  /** Somebody else may write between our look and our write; then look again. */
  private static final int TRIES = 5;

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
    Failure failure = null;
    Map<Target, @Nullable JsonNode> vms = new LinkedHashMap<>();
    for (Manifest manifest : manifests) {
      Target target = Manifests.target(manifest);
      try {
        JsonNode before = apply(target, manifest.tree());
        if (target.kind() == ResourceKind.VirtualMachine) {
          vms.put(target, before);
        }
      } catch (ApiFailure e) {
        if (failure != null) {
          Messages.error(context, failure.getMessage());
        }
        failure = new Failure(e.code(), manifest.file() + ": " + target + ": " + e.getMessage());
      }
    }
    if (wait && !dryRun) {
      vms.forEach(this::await);
    }
    if (failure != null) {
      throw failure;
    }
  }

  /** Returns the object as it was; null if there was none. */
  private @Nullable JsonNode apply(Target target, ObjectNode wanted) {
    for (int left = TRIES; ; left--) {
      Optional<JsonNode> present = context.api().find(target.path());
      try {
        if (present.isEmpty()) {
          context.api().create(query(Paths.objects(target.kind(), target.namespace())), wanted);
          said(target, "created");
          return null;
        }
        JsonNode now = present.get();
        if (same(now, wanted)) {
          said(target, "unchanged");
        } else {
          JsonNode after = context.api().put(query(target.path()), versioned(wanted, now));
          said(target, version(after).equals(version(now)) ? "unchanged" : "configured");
        }
        return now;
      } catch (ApiFailure e) {
        if (e.status() != 409 || left == 1) {
          throw e;
        }
        if (!present.isEmpty() && present.get().path("metadata").has("deletionTimestamp")) {
          throw new Failure(
              ExitCode.REFUSED, target + " is being deleted; wait for it: lodge delete " + target);
        }
      }
    }
  }

  private String query(String path) {
    return dryRun ? path + "?dryRun=All" : path;
  }

  private void said(Target target, String what) {
    context.out().println(target + " " + what + (dryRun ? " (dry run)" : ""));
    context.out().flush();
  }

  private static boolean same(JsonNode now, JsonNode wanted) {
    return now.path("spec").equals(wanted.path("spec"))
        && sameMap(now, wanted, "labels")
        && sameMap(now, wanted, "annotations")
        && !now.path("metadata").has("deletionTimestamp");
  }

  private static boolean sameMap(JsonNode now, JsonNode wanted, String member) {
    JsonNode a = now.path("metadata").path(member);
    JsonNode b = wanted.path("metadata").path(member);
    return a.isEmpty() && b.isEmpty() || a.equals(b);
  }

  private static ObjectNode versioned(ObjectNode wanted, JsonNode now) {
    ObjectNode body = wanted.deepCopy();
    body.withObjectProperty("metadata").put("resourceVersion", version(now));
    return body;
  }

  private static String version(JsonNode object) {
    return object.path("metadata").path("resourceVersion").asText();
  }

  private void await(Target vm, @Nullable JsonNode before) {
    try (var progress = Waiting.progress(context)) {
      JsonNode there =
          new Waiter(context.api(), progress)
              .await(vm, Goal.asDeclared(), before, waiting.timeout());
      progress.close();
      context
          .out()
          .println(
              vm
                  + " is "
                  + there.path("status").path("phase").asText().toLowerCase(java.util.Locale.ROOT));
    }
  }
}
