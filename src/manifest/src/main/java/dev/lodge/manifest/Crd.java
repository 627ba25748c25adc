package dev.lodge.manifest;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lodge.api.ResourceKind;
import java.util.ArrayList;
import java.util.List;

/**
 * What a CustomResourceDefinition says of a kind.
 *
 * @param schema the OpenAPI v3 schema of the whole object; nobody changes it
 * @param columns in the order of {@code kubectl get}: after the name, as the CRD lists them
 * @param selectableFields JSON paths such as {@code .status.nodeName}
 */
public record Crd(
    ResourceKind kind,
    JsonNode schema,
    List<Column> columns,
    List<String> shortNames,
    List<String> selectableFields) {

  /**
   * A printer column.
   *
   * @param type string, integer, number, boolean or date
   * @param priority 0: always shown; above: only with {@code -o wide}
   */
  public record Column(
      String name, String type, int priority, String jsonPath, String format, String description) {

    /** Reads a cell's value out of an object. */
    public JsonPath path() {
      return JsonPath.compile(jsonPath);
    }
  }

  static Crd of(ResourceKind kind, JsonNode definition) {
    JsonNode spec = definition.path("spec");
    JsonNode version = spec.path("versions").path(0);
    List<Column> columns = new ArrayList<>();
    for (JsonNode c : version.path("additionalPrinterColumns")) {
      columns.add(
          new Column(
              c.path("name").asText(),
              c.path("type").asText("string"),
              c.path("priority").asInt(0),
              c.path("jsonPath").asText(),
              c.path("format").asText(""),
              c.path("description").asText("")));
    }
    List<String> selectable = new ArrayList<>();
    for (JsonNode f : version.path("selectableFields")) {
      selectable.add(f.path("jsonPath").asText());
    }
    List<String> shortNames = new ArrayList<>();
    for (JsonNode n : spec.path("names").path("shortNames")) {
      shortNames.add(n.asText());
    }
    return new Crd(
        kind, version.path("schema").path("openAPIV3Schema"), columns, shortNames, selectable);
  }
}
