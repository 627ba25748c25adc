package dev.lodge.agent.apiserver;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;

/** JSON merge patch (RFC 7396) and JSON patch (RFC 6902). */
final class Patches {
  static final String MERGE = "application/merge-patch+json";
  static final String JSON = "application/json-patch+json";

  /** kubectl sends a handful. */
  private static final int MAX_OPERATIONS = 1000;

  /**
   * What all copies of one patch may come to, in characters: a copy of a whole into itself doubles
   * it, and forty of them would fill any memory.
   */
  private static final int MAX_COPIED = 1 << 20;

  /** What a node costs beside its text. */
  private static final int NODE = 16;

  private Patches() {}

  /**
   * Refuses patches that no object of ours can take, before one is looked up.
   *
   * @throws ApiException 415, with what to use instead
   */
  static void check(String contentType) {
    switch (contentType) {
      case MERGE, JSON -> {}
      case "application/apply-patch+yaml", "application/apply-patch+cbor" ->
          throw unsupported(
              "server-side apply needs a cluster; an agent alone keeps no field managers. Use"
                  + " kubectl apply without --server-side, or lodge apply");
      case "application/strategic-merge-patch+json" ->
          throw unsupported(
              "strategic merge patch does not exist for custom resources. Use kubectl patch"
                  + " --type=merge");
      default -> throw unsupported("a patch is " + MERGE + " or " + JSON + ", not " + contentType);
    }
  }

  /**
   * @param contentType one that {@link #check} takes
   * @return a new tree; the object is left as it is
   * @throws ApiException 400, or 422: the patch does not apply
   */
  static ObjectNode apply(String contentType, byte[] patch, ObjectNode object) {
    JsonNode result =
        contentType.equals(MERGE)
            ? merge(object.deepCopy(), ApiJson.parseObject(patch))
            : jsonPatch(object.deepCopy(), ApiJson.parse(patch));
    if (result instanceof ObjectNode o) {
      return o;
    }
    throw ApiException.badRequest("after the patch the object would be none");
  }

  private static ApiException unsupported(String message) {
    return new ApiException(ApiException.Reason.UnsupportedMediaType, message);
  }

  private static JsonNode merge(JsonNode target, JsonNode patch) {
    if (!(patch instanceof ObjectNode p)) {
      return patch;
    }
    ObjectNode out = target instanceof ObjectNode t ? t : ApiJson.object();
    for (Map.Entry<String, JsonNode> e : p.properties()) {
      if (e.getValue().isNull()) {
        out.remove(e.getKey());
      } else {
        out.set(e.getKey(), merge(out.path(e.getKey()), e.getValue()));
      }
    }
    return out;
  }

  private static JsonNode jsonPatch(ObjectNode object, JsonNode patch) {
    if (!(patch instanceof ArrayNode operations)) {
      throw ApiException.badRequest("a JSON patch is a list of operations");
    }
    if (operations.size() > MAX_OPERATIONS) {
      throw ApiException.badRequest("a JSON patch has at most " + MAX_OPERATIONS + " operations");
    }
    // A holder, so that the path "" can be replaced like any other.
    ObjectNode holder = ApiJson.object();
    holder.set("", object);
    int copied = 0;
    for (int i = 0; i < operations.size(); i++) {
      JsonNode op = operations.path(i);
      JsonPointer path = pointer(op.path("path"), i);
      switch (op.path("op").asText()) {
        case "add" -> add(holder, path, value(op, i), i);
        case "remove" -> remove(holder, path, i);
        case "replace" -> {
          remove(holder, path, i);
          add(holder, path, value(op, i), i);
        }
        case "move" -> add(holder, path, remove(holder, pointer(op.path("from"), i), i), i);
        case "copy" -> {
          JsonNode from = at(holder, pointer(op.path("from"), i), i);
          copied += weight(from, MAX_COPIED - copied, i);
          add(holder, path, from.deepCopy(), i);
        }
        case "test" -> {
          if (!at(holder, path, i).equals(value(op, i))) {
            throw mistake(i, "the test failed: another value is there");
          }
        }
        default -> throw mistake(i, "op must be add, remove, replace, move, copy or test");
      }
    }
    return holder.path("");
  }

  private static JsonPointer pointer(JsonNode path, int i) {
    if (path.isTextual()) {
      try {
        return JsonPointer.compile("/" + path.textValue());
      } catch (IllegalArgumentException e) {
        throw mistake(i, "not a JSON pointer: " + path.textValue());
      }
    }
    throw mistake(i, "path or from is missing");
  }

  private static JsonNode value(JsonNode op, int i) {
    if (!op.has("value")) {
      throw mistake(i, "value is missing");
    }
    return op.path("value").deepCopy();
  }

  private static JsonNode at(JsonNode root, JsonPointer path, int i) {
    JsonNode node = root.at(path);
    if (node.isMissingNode()) {
      throw mistake(i, "nothing is at " + path);
    }
    return node;
  }

  private static JsonNode remove(JsonNode root, JsonPointer path, int i) {
    JsonNode gone = at(root, path, i);
    String last = path.last().getMatchingProperty();
    switch (at(root, path.head(), i)) {
      case ObjectNode o -> o.remove(last);
      case ArrayNode a -> a.remove(path.last().getMatchingIndex());
      default -> throw mistake(i, "nothing is at " + path);
    }
    return gone;
  }

  /** At most {@code left}; more is refused before it is counted. */
  private static int weight(JsonNode node, int left, int i) {
    int weight = NODE + (node.isTextual() ? node.textValue().length() : 0);
    for (Map.Entry<String, JsonNode> e : node.properties()) {
      weight += e.getKey().length();
    }
    for (JsonNode child : node) {
      weight += weight < left ? weight(child, left - weight, i) : 0;
    }
    if (weight > left) {
      throw mistake(i, "the patch copies too much; send the object as it shall be instead");
    }
    return weight;
  }

  /** A tree that is no deeper than one that was parsed, so that it may be walked by recursion. */
  private static void requireShallow(JsonPointer path, JsonNode value, int i) {
    int depth = depth(value);
    for (JsonPointer p = path; !p.matches(); p = p.tail()) {
      depth++;
    }
    if (depth > ApiJson.MAX_DEPTH + 1) {
      throw mistake(
          i, "the object would be nested more than " + ApiJson.MAX_DEPTH + " levels deep");
    }
  }

  private static int depth(JsonNode node) {
    int deepest = 0;
    for (JsonNode child : node) {
      deepest = Math.max(deepest, depth(child));
    }
    return node.isContainerNode() ? deepest + 1 : 0;
  }

  private static void add(JsonNode root, JsonPointer path, JsonNode value, int i) {
    requireShallow(path, value, i);
    String last = path.last().getMatchingProperty();
    switch (at(root, path.head(), i)) {
      case ObjectNode o -> o.set(last, value);
      case ArrayNode a -> {
        int index = last.equals("-") ? a.size() : path.last().getMatchingIndex();
        if (index < 0 || index > a.size()) {
          throw mistake(i, "no place in the list: " + path);
        }
        a.insert(index, value);
      }
      default -> throw mistake(i, "nothing can be put at " + path);
    }
  }

  private static ApiException mistake(int operation, String message) {
    return new ApiException(
        ApiException.Reason.Invalid, "JSON patch, operation " + operation + ": " + message);
  }
}
