package dev.lodge.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lodge.api.ResourceKind;
import dev.lodge.cli.Context;
import dev.lodge.cli.client.Json;
import dev.lodge.cli.client.Paths;
import dev.lodge.cli.client.Target;
import dev.lodge.cli.output.TextTable;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code lodge network ...}. */
@Command(name = "network", description = "What is known of networks.", sortOptions = false)
public final class Network implements Runnable {
  private final Context context;

  @Spec private CommandSpec spec = CommandSpec.create();

  public Network(Context context) {
    this.context = context;
  }

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "Say what to show: leases.");
  }

  /** {@code lodge network leases}. */
  @Command(
      name = "leases",
      description = "The DHCP leases of networks; without a name, of all in the namespace.",
      sortOptions = false)
  void leases(
      @Parameters(arity = "0..*", paramLabel = "NETWORK", description = "Names of networks.")
          List<String> names,
      @Mixin Namespaced namespaced,
      @Option(
              names = {"-o", "--output"},
              paramLabel = "FORMAT",
              defaultValue = "table",
              description = "table or json.")
          LeaseFormat output) {
    var networks = new ArrayList<String>(names == null ? List.of() : names);
    if (networks.isEmpty()) {
      String path = Paths.objects(ResourceKind.VmNetwork, namespaced.namespace());
      for (JsonNode item : context.api().get(path).path("items")) {
        networks.add(item.path("metadata").path("name").asText());
      }
    }
    var rows = new ArrayList<List<String>>();
    var all = Json.object().putArray("items");
    for (String name : networks) {
      Target network = new Target(ResourceKind.VmNetwork, namespaced.namespace(), name);
      for (JsonNode lease : context.api().get(Paths.subresource(network, "leases")).path("items")) {
        all.add(lease);
        rows.add(
            List.of(
                name,
                text(lease, "ip"),
                text(lease, "mac"),
                text(lease, "hostname"),
                text(lease, "expires")));
      }
    }
    if (output == LeaseFormat.json) {
      context.out().println(Json.pretty(all));
    } else if (rows.isEmpty()) {
      context.err().println("No leases found.");
    } else {
      var table = new TextTable(List.of("Network", "IP", "MAC", "Name", "Expires"));
      List<String> lines = table.fit(rows);
      context.out().println(table.head());
      lines.forEach(context.out()::println);
    }
  }

  /** How leases are shown. */
  enum LeaseFormat {
    table,
    json
  }

  private static String text(JsonNode lease, String member) {
    return lease.path(member).asText("<none>");
  }
}
