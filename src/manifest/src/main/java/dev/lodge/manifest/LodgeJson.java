package dev.lodge.manifest;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * The one JSON mapper of Lodge's processes. It is lenient towards members that it does not know,
 * because an API server may be newer; {@link ManifestReader} refuses those before.
 */
public final class LodgeJson {
  private static final ObjectMapper MAPPER =
      JsonMapper.builder()
          .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
          .serializationInclusion(JsonInclude.Include.NON_NULL)
          .build();

  private LodgeJson() {}

  /** Shared and thread-safe; nobody configures it further. */
  public static ObjectMapper mapper() {
    return MAPPER;
  }

  /**
   * {@code spec} of an object as a record.
   *
   * @throws IllegalArgumentException the tree does not fit, so it was not checked before
   */
  public static <T> T spec(JsonNode object, Class<T> type) {
    return read(object.path("spec"), type);
  }

  /**
   * A tree as a record; a missing or null tree counts as {@code {}}.
   *
   * @throws IllegalArgumentException the tree does not fit the type
   */
  public static <T> T read(JsonNode tree, Class<T> type) {
    JsonNode source = tree.isMissingNode() || tree.isNull() ? MAPPER.createObjectNode() : tree;
    try {
      return MAPPER.treeToValue(source, type);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(
          "does not fit " + type.getSimpleName() + ": " + e.getOriginalMessage(), e);
    }
  }

  /** A record as a tree, without members that are null. */
  public static ObjectNode tree(Object value) {
    return MAPPER.valueToTree(value);
  }
}
