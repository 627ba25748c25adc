package dev.lodge.agent.apiserver;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.lodge.manifest.JsonPath;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.function.Function;

/**
 * A column of a table.
 *
 * @param type string, integer, number, boolean or date (shown as an age)
 * @param format {@code name} for the one by which kubectl knows the object
 * @param priority 0: always; higher: only with {@code -o wide}
 * @param read the value; missing becomes null
 */
record Column(
    String name,
    String type,
    String format,
    String description,
    int priority,
    Function<ObjectNode, JsonNode> read) {

  static Column nameColumn() {
    return new Column(
        "Name", "string", "name", "The object's name.", 0, o -> o.path("metadata").path("name"));
  }

  /** A printer column of a CRD. */
  static Column path(String name, String type, String description, int priority, String jsonPath) {
    JsonPath path = JsonPath.compile(jsonPath);
    return new Column(
        name,
        type,
        "",
        description,
        priority,
        o -> path.first(o).orElse(MissingNode.getInstance()));
  }

  JsonNode cell(ObjectNode object, Clock clock) {
    JsonNode value = read.apply(object);
    if (value.isMissingNode() || value.isNull()) {
      return NullNode.instance;
    }
    return switch (type) {
      case "date" -> TextNode.valueOf(age(value.asText(), clock));
      case "integer", "number" -> value.isNumber() ? value : TextNode.valueOf(value.asText());
      case "boolean" -> value;
      default -> TextNode.valueOf(value.isValueNode() ? value.asText() : value.toString());
    };
  }

  private static String age(String timestamp, Clock clock) {
    try {
      return human(Duration.between(Instant.parse(timestamp), clock.instant()));
    } catch (DateTimeParseException e) {
      return "<unknown>";
    }
  }

  /** A duration in kubectl's way: two units at most, and only where the second matters. */
  static String human(Duration d) {
    long s = d.toSeconds();
    if (s < -1) {
      return "<invalid>";
    }
    if (s < 0) {
      return "0s";
    }
    if (s < 120) {
      return s + "s";
    }
    long m = s / 60;
    if (m < 10) {
      return s % 60 == 0 ? m + "m" : m + "m" + s % 60 + "s";
    }
    if (m < 180) {
      return m + "m";
    }
    long h = m / 60;
    if (h < 8) {
      return m % 60 == 0 ? h + "h" : h + "h" + m % 60 + "m";
    }
    if (h < 48) {
      return h + "h";
    }
    if (h < 192) {
      return h % 24 == 0 ? h / 24 + "d" : h / 24 + "d" + h % 24 + "h";
    }
    long days = h / 24;
    if (days < 365 * 2) {
      return days + "d";
    }
    if (days < 365 * 8) {
      long rest = days % 365;
      return rest == 0 ? days / 365 + "y" : days / 365 + "y" + rest + "d";
    }
    return days / 365 + "y";
  }
}
