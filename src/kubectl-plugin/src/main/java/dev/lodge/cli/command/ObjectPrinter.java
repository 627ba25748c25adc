package dev.lodge.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lodge.api.ResourceKind;
import dev.lodge.cli.client.Json;
import dev.lodge.cli.client.Target;
import dev.lodge.cli.output.Sanitizer;
import dev.lodge.cli.output.Yaml;
import java.io.PrintStream;
import java.util.List;

/** Prints whole objects: {@code -o json}, {@code yaml} and {@code name}. */
final class ObjectPrinter {
  private final PrintStream out;
  private final OutputFormat output;

  ObjectPrinter(PrintStream out, OutputFormat output) {
    this.out = out;
    this.output = output;
  }

  /** Prints objects as a List, or one of them as itself. */
  void print(List<JsonNode> items, boolean single) {
    if (output == OutputFormat.name) {
      items.forEach(this::one);
    } else if (single) {
      one(items.getFirst());
    } else {
      ObjectNode list = Json.object();
      list.put("apiVersion", "v1");
      list.put("kind", "List");
      ArrayNode array = list.putArray("items");
      items.forEach(array::add);
      one(list);
    }
  }

  /** Prints one object. */
  void one(JsonNode object) {
    switch (output) {
      case json -> out.println(Json.pretty(object));
      case yaml -> out.print(Yaml.write(object));
      case name -> out.println(Sanitizer.line(name(object)));
      case table, wide -> throw new IllegalArgumentException("the server makes tables");
    }
  }

  private static String name(JsonNode object) {
    String name = object.path("metadata").path("name").asText();
    String kind = object.path("kind").asText();
    return ResourceKind.byName(kind).map(k -> Target.qualified(k, name)).orElse(kind + "/" + name);
  }
}
