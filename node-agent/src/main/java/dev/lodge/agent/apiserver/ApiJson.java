package dev.lodge.agent.apiserver;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.Map;

/** JSON of requests and answers, with bounds on what a stranger may make us parse. */
final class ApiJson {
  /** Manifests need about ten levels; a deep tree costs stack wherever it is walked. */
  static final int MAX_DEPTH = 64;

  /** Names and values of a body; a value takes thirty times its bytes as a tree. */
  private static final int MAX_TOKENS = 50_000;

  private static final ObjectMapper MAPPER =
      JsonMapper.builder(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder()
                          .maxNestingDepth(MAX_DEPTH)
                          .maxNumberLength(64)
                          .maxNameLength(1024)
                          .build())
                  .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                  .build())
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private ApiJson() {}

  static ObjectNode object() {
    return JsonNodeFactory.instance.objectNode();
  }

  static byte[] bytes(JsonNode node) {
    try {
      return MAPPER.writeValueAsBytes(node);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a JSON tree is always writable", e);
    }
  }

  /** Any value as a tree, for records of the domain. */
  static JsonNode tree(Object value) {
    return MAPPER.valueToTree(value);
  }

  /**
   * Parses a body.
   *
   * @throws ApiException 400 with line and column
   */
  static JsonNode parse(byte[] body) {
    try {
      requireFew(body);
      JsonNode tree = MAPPER.readTree(body);
      requireText(tree);
      return tree;
    } catch (JsonProcessingException e) {
      var at = e.getLocation();
      throw ApiException.badRequest(
          "the body is no JSON that can be taken: "
              + e.getOriginalMessage()
              + (at == null
                  ? ""
                  : " (line " + at.getLineNr() + ", column " + at.getColumnNr() + ")"));
    } catch (IOException e) {
      throw ApiException.badRequest("the body cannot be read: " + e.getMessage());
    }
  }

  /** Before there is a tree of it. */
  private static void requireFew(byte[] body) throws IOException {
    try (JsonParser parser = MAPPER.createParser(body)) {
      for (int tokens = 0; parser.nextToken() != null; tokens++) {
        if (tokens == MAX_TOKENS) {
          throw ApiException.badRequest(
              "the body has more than " + MAX_TOKENS + " values, which no object needs");
        }
      }
    }
  }

  /** JSON can escape half of a character; no file and no other program could hold it. */
  private static void requireText(JsonNode node) {
    requireText(node.isTextual() ? node.textValue() : "");
    for (Map.Entry<String, JsonNode> e : node.properties()) {
      requireText(e.getKey());
    }
    for (JsonNode child : node) {
      requireText(child);
    }
  }

  private static void requireText(String text) {
    if (text.codePoints()
        .anyMatch(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE)) {
      throw ApiException.badRequest(
          "the body has half of a surrogate pair in a text (\\ud800 to \\udfff alone), which is no"
              + " character");
    }
  }

  /** Parses a body that must be an object. */
  static ObjectNode parseObject(byte[] body) {
    if (parse(body) instanceof ObjectNode o) {
      return o;
    }
    throw ApiException.badRequest("the body must be a JSON object");
  }
}
