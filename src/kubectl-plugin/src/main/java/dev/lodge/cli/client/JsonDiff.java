package dev.lodge.cli.client;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What differs between two JSON trees, member by member; lists are compared as a whole. */
public final class JsonDiff {
  private JsonDiff() {}

  /**
   * One difference.
   *
   * @param before null: absent, as with {@code after}
   */
  public record Difference(String path, @Nullable String before, @Nullable String after) {}

  /** All differences below a path. */
  public static List<Difference> diff(String path, JsonNode before, JsonNode after) {
    var out = new ArrayList<Difference>();
    compare(path, before, after, out);
    return out;
  }

  private static void compare(String path, JsonNode before, JsonNode after, List<Difference> out) {
    if (before.equals(after)) {
      return;
    }
    if ((before.isObject() || before.isMissingNode())
        && (after.isObject() || after.isMissingNode())) {
      var names = new LinkedHashSet<String>();
      before.fieldNames().forEachRemaining(names::add);
      after.fieldNames().forEachRemaining(names::add);
      for (String name : names) {
        compare(path + "." + name, before.path(name), after.path(name), out);
      }
      return;
    }
    out.add(new Difference(path, text(before), text(after)));
  }

  private static @Nullable String text(JsonNode node) {
    if (node.isMissingNode()) {
      return null;
    }
    return node.isTextual() ? node.textValue() : node.toString();
  }
}
