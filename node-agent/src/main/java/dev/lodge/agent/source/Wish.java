package dev.lodge.agent.source;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lodge.agent.store.ObjectKey;
import dev.lodge.api.ResourceKind;
import dev.lodge.manifest.LodgeJson;
import java.io.IOException;

/**
 * What a manifest says of an object.
 *
 * @param content {@code metadata} with labels and annotations as far as there are any, and {@code
 *     spec}; equal wishes have equal trees
 */
record Wish(ObjectKey key, ObjectNode content) {
  private static final ObjectMapper JSON = LodgeJson.mapper();

  /** Set by the store, so it never counts as a wish. */
  static final String MANIFEST_ANNOTATION = "lodge.dev/manifest";

  /** The wish in an object that was checked; what only the store sets is left out. */
  static Wish of(ResourceKind kind, String namespace, String name, JsonNode object) {
    ObjectNode content = JSON.createObjectNode();
    ObjectNode metadata = content.putObject("metadata");
    copy(object.path("metadata").path("labels"), metadata, "labels");
    copy(object.path("metadata").path("annotations"), metadata, "annotations");
    content.set("spec", object.path("spec") instanceof ObjectNode s ? s : JSON.createObjectNode());
    return new Wish(new ObjectKey(kind, namespace, name), canonical(content));
  }

  /** The wish in an object that names its kind and itself. */
  static Wish of(JsonNode object) {
    ResourceKind kind = ResourceKind.valueOf(object.path("kind").asText());
    JsonNode metadata = object.path("metadata");
    String namespace = kind.namespaced() ? metadata.path("namespace").asText("default") : "";
    return of(kind, namespace, metadata.path("name").asText(), object);
  }

  /** The object as a manifest has it. */
  ObjectNode manifest() {
    ObjectNode m = JSON.createObjectNode();
    m.put("apiVersion", ResourceKind.API_VERSION);
    m.put("kind", key.kind().name());
    ObjectNode metadata = m.putObject("metadata");
    metadata.put("name", key.name());
    if (!key.namespace().isEmpty()) {
      metadata.put("namespace", key.namespace());
    }
    metadata.setAll((ObjectNode) content.path("metadata"));
    m.set("spec", content.path("spec"));
    return m;
  }

  /**
   * A tree as it is after it was read from a file: whether 1 is an int or a long is no difference.
   */
  static ObjectNode canonical(ObjectNode tree) {
    try {
      return (ObjectNode) JSON.readTree(JSON.writeValueAsBytes(tree));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a JSON tree that cannot be written", e);
    } catch (IOException e) {
      throw new IllegalStateException("JSON in memory that cannot be read", e);
    }
  }

  private static void copy(JsonNode from, ObjectNode metadata, String field) {
    if (from instanceof ObjectNode map) {
      ObjectNode copy = map.deepCopy().without(MANIFEST_ANNOTATION);
      if (!copy.isEmpty()) {
        metadata.set(field, copy);
      }
    }
  }
}
