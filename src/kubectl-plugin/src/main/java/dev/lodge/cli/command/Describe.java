package dev.lodge.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lodge.api.ResourceKind;
import dev.lodge.cli.Context;
import dev.lodge.cli.client.Paths;
import dev.lodge.cli.client.Target;
import dev.lodge.cli.output.Describer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code lodge describe}. */
@Command(
    name = "describe",
    description = "Tell all about objects: state, what is wrong and how to mend it, events.",
    sortOptions = false)
public final class Describe implements Runnable {
  private final Context context;

  @Parameters(
      arity = "1..*",
      paramLabel = "KIND NAME...",
      hideParamSyntax = true,
      description = "What to describe.")
  private List<String> words = List.of();

  @Mixin private Namespaced namespaced = new Namespaced();

  public Describe(Context context) {
    this.context = context;
  }

  @Override
  public void run() {
    Targets targets = Targets.parse(words, namespaced.namespace());
    var objects = new ArrayList<Target>(targets.objects());
    for (ResourceKind kind : targets.kinds()) {
      String path = Paths.objects(kind, namespaced.namespace());
      for (JsonNode item : context.api().get(path).path("items")) {
        objects.add(
            Target.of(kind, namespaced.namespace(), item.path("metadata").path("name").asText()));
      }
    }
    var failures = new Failures(context);
    boolean[] first = {true};
    for (Target target : objects) {
      failures.attempt(
          () -> {
            String text = describe(target);
            if (!first[0]) {
              context.out().println();
            }
            first[0] = false;
            context.out().print(text);
          });
    }
    failures.raise();
  }

  private String describe(Target target) {
    JsonNode object = context.api().get(target.path());
    String uid = object.path("metadata").path("uid").asText();
    String path =
        Paths.query(
            Paths.events(target.namespace()),
            Map.of(
                "fieldSelector",
                "involvedObject.kind=" + target.kind() + ",involvedObject.uid=" + uid));
    var events = new ArrayList<JsonNode>();
    context.api().get(path).path("items").forEach(events::add);
    events.sort(Comparator.comparing(e -> e.path("lastTimestamp").asText()));
    return new Describer(Instant.now()).describe(object, events);
  }
}
