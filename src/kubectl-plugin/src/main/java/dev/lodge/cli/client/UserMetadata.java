package dev.lodge.cli.client;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

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
}
