package dev.lodge.manifest;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.Optional;

/** Finds where a field belongs that was written in the wrong place. */
final class SchemaSearch {
  private SchemaSearch() {}

  private record Place(JsonNode schema, String path) {}

  /** The shortest path in {@code spec} whose last member has this name. */
  static Optional<String> pathOf(JsonNode schema, String name) {
    Deque<Place> queue = new ArrayDeque<>();
    queue.add(new Place(schema.path("properties").path("spec"), "spec"));
    while (!queue.isEmpty()) {
      Place place = queue.remove();
      for (Map.Entry<String, JsonNode> member : place.schema().path("properties").properties()) {
        String path = place.path() + "." + member.getKey();
        if (member.getKey().equals(name)) {
          return Optional.of(path);
        }
        JsonNode items = member.getValue().path("items");
        queue.add(
            items.isObject() ? new Place(items, path + "[]") : new Place(member.getValue(), path));
      }
    }
    return Optional.empty();
  }
}
