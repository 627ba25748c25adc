package dev.lodge.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lodge.api.ResourceKind;
import dev.lodge.cli.Context;
import dev.lodge.cli.ExitCode;
import dev.lodge.cli.Failure;
import dev.lodge.cli.client.ApiFailure;
import dev.lodge.cli.client.Paths;
import dev.lodge.cli.client.Target;
import dev.lodge.cli.client.Waiter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code lodge delete}. */
@Command(
    name = "delete",
    description = {
      "Delete objects by name, or those of manifest files.",
      "A VM is stopped first, and the disks that Lodge made for it go too (disks[].retain)."
    },
    sortOptions = false)
public final class Delete implements Runnable {
  private final Context context;

  @Parameters(
      arity = "0..*",
      paramLabel = "[KIND NAME...]",
      hideParamSyntax = true,
      description = "What to delete.")
  private List<String> words = List.of();

  @Option(
      names = {"-f", "--filename"},
      paramLabel = "FILE",
      description = "Objects of this file or directory; - is standard input. Repeatable.")
  private List<String> files = List.of();

  @Option(names = "--all", description = "All objects of the kinds.")
  private boolean all;

  @Mixin private Namespaced namespaced = new Namespaced();

  @Option(
      names = {"-A", "--all-namespaces"},
      description = "With --all or -l: in all namespaces.")
  private boolean everywhere;

  @Option(
      names = {"-l", "--selector"},
      paramLabel = "LABELS",
      description = "Objects of the kinds with these labels.")
  private String selector = "";

  @Option(names = "--ignore-not-found", description = "What is not there is no error.")
  private boolean ignoreNotFound;

  @Option(
      names = "--wait",
      arity = "0..1",
      fallbackValue = "true",
      paramLabel = "true|false",
      description = "Wait until they are gone; default true.")
  private boolean wait = true;

  @Mixin private Waiting waiting = new Waiting();

  public Delete(Context context) {
    this.context = context;
  }

  @Override
  public void run() {
    List<Target> targets = files.isEmpty() ? named() : ofFiles();
    // VMs first: what they use is then free.
    targets =
        targets.stream().sorted(Comparator.comparing((Target t) -> t.kind().ordinal())).toList();
    var failures = new Failures(context);
    Map<Target, String> going = new LinkedHashMap<>();
    for (Target target : targets) {
      failures.attempt(() -> ask(target).ifPresent(uid -> going.put(target, uid)));
    }
    going.forEach((target, uid) -> failures.attempt(() -> await(target, uid)));
    failures.raise();
  }

  private Optional<String> ask(Target target) {
    try {
      return Optional.of(uid(context.api().delete(target.path())));
    } catch (ApiFailure e) {
      if (e.status() == 404 && ignoreNotFound) {
        return Optional.empty();
      }
      throw e;
    }
  }

  private void await(Target target, String uid) {
    if (wait) {
      try (var progress = Waiting.progress(context)) {
        new Waiter(context.api(), progress).awaitGone(target, uid, waiting.timeout());
      }
    }
    context.out().println(target + (wait ? " deleted" : " deletion requested"));
    context.out().flush();
  }

  /** DELETE answers with the object, or with a Status whose details have the UID. */
  private static String uid(JsonNode answer) {
    String uid = answer.path("metadata").path("uid").asText();
    return uid.isEmpty() ? answer.path("details").path("uid").asText() : uid;
  }

  private List<Target> ofFiles() {
    if (!words.isEmpty() || all || !selector.isEmpty()) {
      throw new Failure(ExitCode.USAGE, "with -f nothing else can be named");
    }
    return new Manifests(context, namespaced.namespace())
        .read(files).stream().map(Manifests::target).toList();
  }

  private List<Target> named() {
    if (words.isEmpty()) {
      throw new Failure(ExitCode.USAGE, "say what to delete: KIND NAME..., or -f FILE");
    }
    Targets targets = Targets.parse(words, namespaced.namespace());
    if (!targets.objects().isEmpty()) {
      if (all || everywhere || !selector.isEmpty()) {
        throw new Failure(ExitCode.USAGE, "give names, or --all, or -l");
      }
      return targets.objects();
    }
    if (!all && selector.isEmpty()) {
      throw new Failure(
          ExitCode.USAGE, "name the objects to delete, or say --all for all of the namespace");
    }
    return found(targets.kinds());
  }

  private List<Target> found(List<ResourceKind> kinds) {
    var found = new ArrayList<Target>();
    for (ResourceKind kind : kinds) {
      String path =
          Paths.query(
              Paths.objects(kind, everywhere ? "" : namespaced.namespace()),
              Map.of("labelSelector", selector));
      for (JsonNode item : context.api().get(path).path("items")) {
        JsonNode metadata = item.path("metadata");
        found.add(
            Target.of(kind, metadata.path("namespace").asText(), metadata.path("name").asText()));
      }
    }
    return found;
  }
}
