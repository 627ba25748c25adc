package dev.lodge.cli.client;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/** Labels and annotations as users wrote them, without what the agent adds for people to read. */
public final class UserMetadata {
  /** The file that an object came from. */
  private static final String MANIFEST = "lodge.dev/manifest";

  private UserMetadata() {}

  /**
   * A map of an object's metadata.
   *
   * @param member {@code labels} or {@code annotations}
   * @return an empty object if there is none
   */
  public static ObjectNode of(JsonNode object, String member) {
    JsonNode map = object.path("metadata").path(member);
    ObjectNode out = Json.object();
    map.properties().stream()
        .filter(e -> !e.getKey().equals(MANIFEST))
        .forEach(e -> out.set(e.getKey(), e.getValue()));
    return out;
  }

  /**
   * The object as it is, with labels, annotations and spec as wanted: finalizers, owners and
   * whatever else others keep there must survive a write.
   */
  public static ObjectNode over(JsonNode present, JsonNode wanted) {
    ObjectNode out = present.deepCopy();
    out.remove("status");
    out.set("spec", wanted.path("spec"));
    ObjectNode metadata = out.withObjectProperty("metadata");
    for (String member : List.of("labels", "annotations")) {
      ObjectNode map = of(wanted, member);
      metadata.remove(member);
      if (!map.isEmpty()) {
        metadata.set(member, map);
      }
    }
    return out;
  }
}
