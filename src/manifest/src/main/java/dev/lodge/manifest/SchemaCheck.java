package dev.lodge.manifest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lodge.api.common.Quantity;
import dev.lodge.domain.validation.FieldProblem;
import dev.lodge.domain.validation.Nearest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Checks a tree against the schema of a CRD as an API server does, in words that say what to write
 * instead. As there, a member that is null counts as absent and is removed.
 */
final class SchemaCheck {
  /** Enough to mend a file by; a broken one of 3 MiB must not yield a million problems. */
  private static final int MOST = 100;

  private final JsonNode root;
  private final List<FieldProblem> problems = new ArrayList<>();

  /**
   * @param root the whole schema, to say where a misplaced field belongs
   */
  SchemaCheck(JsonNode root) {
    this.root = root;
  }

  /** Checks a value; nulls in it are removed. */
  List<FieldProblem> check(JsonNode schema, JsonNode value, String path) {
    value(schema, value, path);
    return problems;
  }

  private void problem(String path, String message) {
    if (problems.size() < MOST) {
      problems.add(FieldProblem.error(path, message));
    }
  }

  private void value(JsonNode schema, JsonNode value, String path) {
    if (problems.size() >= MOST) {
      return;
    }
    if (schema.path("x-kubernetes-int-or-string").asBoolean()) {
      quantity(schema, value, path);
      return;
    }
    switch (schema.path("type").asText()) {
      case "object" -> object(schema, value, path);
      case "array" -> list(schema, value, path);
      case "string" -> string(schema, value, path);
      case "integer" -> number(schema, value, path, value.isIntegralNumber(), "a whole number");
      case "number" -> number(schema, value, path, value.isNumber(), "a number");
      case "boolean" -> {
        if (!value.isBoolean()) {
          problem(path, "must be true or false, but is " + Words.of(value));
        }
      }
      default -> throw new IllegalStateException("the CRD gives no type for " + path);
    }
  }

  private void object(JsonNode schema, JsonNode value, String path) {
    if (!(value instanceof ObjectNode object)) {
      problem(path, "must be an object with named fields, but is " + Words.of(value));
      return;
    }
    bound(schema, "minProperties", "maxProperties", object.size(), "members", path);
    JsonNode properties = schema.path("properties");
    List<String> empty = new ArrayList<>(0);
    Iterator<Map.Entry<String, JsonNode>> members = object.properties().iterator();
    while (members.hasNext()) {
      Map.Entry<String, JsonNode> member = members.next();
      JsonNode known = properties.path(member.getKey());
      String at = Positions.member(path, member.getKey());
      if (known.isMissingNode()) {
        known = schema.path("additionalProperties");
      }
      if (!known.isObject()) {
        unknown(properties, member.getKey(), at);
      } else if (member.getValue().isNull()) {
        empty.add(member.getKey());
        members.remove();
      } else {
        value(known, member.getValue(), at);
      }
    }
    for (JsonNode name : schema.path("required")) {
      if (!object.has(name.asText())) {
        missing(properties, name.asText(), path, empty.contains(name.asText()));
      }
    }
  }

  private void missing(JsonNode properties, String name, String path, boolean written) {
    JsonNode field = properties.path(name);
    String at = Positions.member(path, name);
    String description = field.path("description").asText("");
    if (written && field.path("type").asText().equals("object")) {
      problem(at, "is empty, which YAML reads as absent; write " + name + ": {}");
    } else {
      String what = description.isEmpty() ? "" : " (" + Words.sentence(description) + ")";
      problem(at, (written ? "is empty" : "is missing") + "; give it" + what);
    }
  }

  private void unknown(JsonNode properties, String name, String path) {
    List<String> known = new ArrayList<>();
    properties.fieldNames().forEachRemaining(known::add);
    String shown = "no such field";
    Optional<String> near = Nearest.to(name, known);
    if (near.isPresent()) {
      problem(path, shown + "; did you mean " + near.get() + "?");
      return;
    }
    Optional<String> elsewhere = SchemaSearch.pathOf(root, name);
    String here = known.isEmpty() ? "none, write {}" : String.join(", ", known);
    problem(
        path,
        shown
            + elsewhere.map(p -> "; it belongs to " + p).orElse("")
            + "; known here: "
            + Words.cut(here));
  }

  private void list(JsonNode schema, JsonNode value, String path) {
    if (!value.isArray()) {
      problem(path, "must be a list (lines that begin with '- '), but is " + Words.of(value));
      return;
    }
    bound(schema, "minItems", "maxItems", value.size(), "entries", path);
    if (value.size() > schema.path("maxItems").asInt(Integer.MAX_VALUE)) {
      return;
    }
    for (int i = 0; i < value.size(); i++) {
      value(schema.path("items"), value.get(i), Positions.item(path, i));
    }
    switch (schema.path("x-kubernetes-list-type").asText()) {
      case "map" -> uniqueKeys(schema.path("x-kubernetes-list-map-keys"), value, path);
      case "set" -> uniqueItems(value, path);
      default -> {
        // Order and repetition are the writer's own.
      }
    }
  }

  private void uniqueKeys(JsonNode keys, JsonNode list, String path) {
    Map<List<String>, Integer> first = new HashMap<>();
    for (int i = 0; i < list.size(); i++) {
      List<String> id = new ArrayList<>(1);
      for (JsonNode key : keys) {
        if (list.get(i).has(key.asText())) {
          id.add(list.get(i).path(key.asText()).asText());
        }
      }
      Integer before = id.size() < keys.size() ? null : first.putIfAbsent(id, i);
      if (before != null) {
        problem(
            Positions.member(Positions.item(path, i), keys.path(0).asText()),
            "'%s' is taken by %s; give each entry a name of its own"
                .formatted(Words.cut(String.join(", ", id)), Positions.item(path, before)));
      }
    }
  }

  private void uniqueItems(JsonNode list, String path) {
    Map<JsonNode, Integer> first = new HashMap<>();
    for (int i = 0; i < list.size(); i++) {
      Integer before = first.putIfAbsent(list.get(i), i);
      if (before != null) {
        problem(
            Positions.item(path, i),
            "%s stands in %s already; remove one"
                .formatted(Words.of(list.get(i)), Positions.item(path, before)));
      }
    }
  }

  private void string(JsonNode schema, JsonNode value, String path) {
    JsonNode choices = schema.path("enum");
    if (!value.isTextual()) {
      problem(path, Words.notText(value, Words.list(choices)));
      return;
    }
    String text = value.textValue();
    if (!choices.isEmpty()) {
      choice(Words.list(choices), text, path);
      return;
    }
    int length = text.codePointCount(0, text.length());
    int before = problems.size();
    bound(schema, "minLength", "maxLength", length, "characters", path);
    if (before == problems.size()) {
      pattern(schema, text, path);
    }
  }

  private void choice(List<String> choices, String text, String path) {
    if (!choices.contains(text)) {
      String known = "known: " + String.join(", ", choices);
      problem(
          path,
          "'%s' is not known; %s"
              .formatted(
                  Words.cut(text),
                  Nearest.to(text, choices)
                      .map(n -> "did you mean " + n + "? (" + known + ")")
                      .orElse(known)));
    }
  }

  private void pattern(JsonNode schema, String text, String path) {
    String pattern = schema.path("pattern").asText("");
    if (!pattern.isEmpty() && !Patterns.matches(pattern, text)) {
      problem(path, Patterns.explain(pattern, text, schema.path("description").asText("")));
    }
  }

  private void number(JsonNode schema, JsonNode value, String path, boolean fits, String expected) {
    if (!fits) {
      problem(path, "must be " + expected + ", but is " + Words.of(value));
      return;
    }
    JsonNode min = schema.path("minimum");
    JsonNode max = schema.path("maximum");
    boolean low = min.isNumber() && value.decimalValue().compareTo(min.decimalValue()) < 0;
    boolean high = max.isNumber() && value.decimalValue().compareTo(max.decimalValue()) > 0;
    if (low || high) {
      String range =
          max.isNumber() && min.isNumber()
              ? "between " + min.asText() + " and " + max.asText()
              : low ? "at least " + min.asText() : "at most " + max.asText();
      problem(path, "must be " + range + ", but is " + Words.cut(value.asText()));
    }
  }

  private void quantity(JsonNode schema, JsonNode value, String path) {
    if (value.isIntegralNumber()) {
      return;
    }
    if (!value.isTextual()) {
      problem(
          path,
          "must be an amount such as 512Mi or 20Gi, or a whole number of bytes, but is "
              + Words.of(value));
      return;
    }
    int before = problems.size();
    bound(schema, "minLength", "maxLength", value.textValue().length(), "characters", path);
    if (before == problems.size()
        && !Patterns.matches(schema.path("pattern").asText(Quantity.PATTERN), value.textValue())) {
      problem(path, Patterns.explain(Quantity.PATTERN, value.textValue(), ""));
    }
  }

  private void bound(JsonNode schema, String min, String max, int size, String what, String path) {
    int least = schema.path(min).asInt(0);
    int most = schema.path(max).asInt(Integer.MAX_VALUE);
    if (size < least) {
      problem(
          path,
          size == 0 ? "is empty; give it" : "has %d %s; at least %d".formatted(size, what, least));
    } else if (size > most) {
      problem(path, "has %d %s; at most %d are allowed".formatted(size, what, most));
    }
  }
}
