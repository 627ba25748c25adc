package dev.lodge.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lodge.api.ResourceKind;
import dev.lodge.cli.Context;
import dev.lodge.cli.ExitCode;
import dev.lodge.cli.Failure;
import dev.lodge.cli.client.Api;
import dev.lodge.cli.client.Json;
import dev.lodge.cli.client.Paths;
import dev.lodge.cli.client.Target;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code lodge get}. */
@Command(
    name = "get",
    description = {
      "List objects, or show some by name.",
      "Kinds: vm, vmnet, vmimg, hostres, or all. Without a kind: VMs."
    },
    sortOptions = false)
public final class Get implements Runnable {
  private final Context context;

  @Parameters(
      arity = "0..*",
      paramLabel = "[KIND [NAME...]]",
      hideParamSyntax = true,
      description = "What to show.")
  private List<String> words = List.of();

  @Mixin private Namespaced namespaced = new Namespaced();

  @Option(
      names = {"-A", "--all-namespaces"},
      description = "Objects of all namespaces.")
  private boolean everywhere;

  @Option(
      names = {"-l", "--selector"},
      paramLabel = "LABELS",
      description = "Only objects with these labels, e.g. app=web,tier!=test.")
  private String selector = "";

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FORMAT",
      description = "table, wide, json, yaml or name.")
  private OutputFormat output = OutputFormat.table;

  @Option(
      names = {"-w", "--watch"},
      description = "Go on and show every change.")
  private boolean watch;

  @Option(names = "--no-headers", description = "Without the line of column names.")
  private boolean noHeaders;

  public Get(Context context) {
    this.context = context;
  }

  /** What {@code lodge image list} does. */
  static Get images(
      Context context, Namespaced namespaced, boolean everywhere, OutputFormat output) {
    var get = new Get(context);
    get.words = List.of(ResourceKind.VmImage.shortName());
    get.namespaced = namespaced;
    get.everywhere = everywhere;
    get.output = output;
    return get;
  }

  @Override
  public void run() {
    Targets targets = Targets.parse(words, everywhere ? "" : namespaced.namespace());
    if (everywhere && !targets.objects().isEmpty()) {
      throw new Failure(ExitCode.USAGE, "a name needs its namespace: use -n instead of -A");
    }
    if (watch) {
      new GetWatch(context, output, everywhere, noHeaders).run(only(targets));
    } else if (output.tabular()) {
      tables(targets);
    } else {
      objects(targets);
    }
  }

  private String only(Targets targets) {
    if (targets.kinds().size() + targets.objects().size() != 1) {
      throw new Failure(ExitCode.USAGE, "--watch follows one kind or one object");
    }
    if (targets.objects().isEmpty()) {
      return list(targets.kinds().getFirst());
    }
    Target target = targets.objects().getFirst();
    // Says at once that there is none, where a watch would wait for it in silence.
    context.api().get(target.path());
    return Paths.query(
        Paths.objects(target.kind(), target.namespace()),
        Map.of("fieldSelector", "metadata.name=" + target.name()));
  }

  private String list(ResourceKind kind) {
    Map<String, String> parameters = new LinkedHashMap<>();
    parameters.put("labelSelector", selector);
    return Paths.query(Paths.objects(kind, everywhere ? "" : namespaced.namespace()), parameters);
  }

  private void tables(Targets targets) {
    boolean several = targets.kinds().size() > 1;
    var printer = new TablePrinter(context.out(), output, everywhere, noHeaders);
    boolean any = false;
    for (ResourceKind kind : targets.kinds()) {
      JsonNode table = context.api().get(list(kind), Api.TABLE);
      if (table.path("rows").isEmpty()) {
        continue;
      }
      if (any) {
        context.out().println();
      }
      any = true;
      printer.begin(several ? kind : null);
      printer.print(table);
    }
    any |= rows(targets.objects(), printer);
    if (!any && targets.objects().isEmpty()) {
      context
          .err()
          .println(
              everywhere
                  ? "No resources found."
                  : "No resources found in namespace " + namespaced.namespace() + ".");
    }
  }

  /** Those that are there are shown before it is said which are not, as with kubectl. */
  private boolean rows(List<Target> objects, TablePrinter printer) {
    var missing = new Failures(context);
    var tables = new LinkedHashMap<ResourceKind, List<JsonNode>>();
    for (Target target : objects) {
      missing.attempt(
          () -> {
            JsonNode table = context.api().get(target.path(), Api.TABLE);
            tables.computeIfAbsent(target.kind(), k -> new ArrayList<>()).add(table);
          });
    }
    boolean first = true;
    for (Map.Entry<ResourceKind, List<JsonNode>> entry : tables.entrySet()) {
      if (!first) {
        context.out().println();
      }
      first = false;
      printer.begin(tables.size() > 1 ? entry.getKey() : null);
      printer.print(merged(entry.getValue()));
    }
    missing.raise();
    return !tables.isEmpty();
  }

  private static JsonNode merged(List<JsonNode> tables) {
    if (tables.size() == 1) {
      return tables.getFirst();
    }
    ObjectNode whole = tables.getFirst().deepCopy();
    ArrayNode rows = whole.putArray("rows");
    tables.forEach(t -> t.path("rows").forEach(rows::add));
    return whole;
  }

  private void objects(Targets targets) {
    var items = new ArrayList<JsonNode>();
    for (ResourceKind kind : targets.kinds()) {
      for (JsonNode item : context.api().get(list(kind)).path("items")) {
        items.add(typed(item, kind));
      }
    }
    var missing = new Failures(context);
    for (Target target : targets.objects()) {
      missing.attempt(() -> items.add(context.api().get(target.path())));
    }
    boolean single = targets.objects().size() == 1;
    if (!items.isEmpty() || !single) {
      new ObjectPrinter(context.out(), output).print(items, single);
    }
    missing.raise();
  }

  /** Items of a list may go without apiVersion and kind, which a file made of them needs. */
  private static JsonNode typed(JsonNode item, ResourceKind kind) {
    if (item.has("kind")) {
      return item;
    }
    ObjectNode whole = Json.object();
    whole.put("apiVersion", ResourceKind.API_VERSION);
    whole.put("kind", kind.name());
    item.properties().forEach(p -> whole.set(p.getKey(), p.getValue()));
    return whole;
  }
}
