package dev.lodge.manifest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Builds the tree of one document from the events of a parser, without recursion, and refuses what
 * is too deep, too large or said twice.
 */
final class TreeBuilder {
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

  private final Positions positions = new Positions();
  private final Deque<Frame> open = new ArrayDeque<>();
  private final int nodeBudget;
  private int nodes;
  private @Nullable JsonNode root;

  /** An object or list that has not ended. */
  private static final class Frame {
    final JsonNode node;
    final String path;
    final List<Merge> merges = new ArrayList<>(0);
    @Nullable String key;
    boolean merging;

    Frame(JsonNode node, String path) {
      this.node = node;
      this.path = path;
    }
  }

  /** What a {@code <<} named, which may still be growing. */
  private record Merge(JsonNode node, Position at) {}

  TreeBuilder(int nodeBudget) {
    this.nodeBudget = nodeBudget;
  }

  /** Whether the next scalar is a member's name. */
  boolean expectsKey() {
    Frame top = open.peek();
    return top != null && top.node instanceof ObjectNode && top.key == null && !top.merging;
  }

  /** A member's name. */
  void key(String key, Position at) {
    Frame top = open.element();
    String path = Positions.member(top.path, key);
    if (top.node.has(key)) {
      throw new SyntaxException(
          at,
          path,
          "is given twice, first on line "
              + positions.find(path).line()
              + "; remove one of the two");
    }
    positions.put(path, at);
    top.key = key;
  }

  /** YAML's {@code <<}: the members of the value that follows are added where not given. */
  void mergeKey() {
    open.element().merging = true;
  }

  /** A value that is no object and no list, or a whole tree that an alias stands for. */
  void value(JsonNode value, Position at) {
    attach(value, path(at), at);
  }

  void startObject(Position at) {
    start(NODES.objectNode(), at);
  }

  void startList(Position at) {
    start(NODES.arrayNode(), at);
  }

  private void start(JsonNode node, Position at) {
    String path = path(at);
    if (open.size() >= Limits.DEPTH) {
      throw new SyntaxException(
          at, path, "is nested more than " + Limits.DEPTH + " levels deep; no manifest needs that");
    }
    attach(node, path, at);
    open.push(new Frame(node, path));
  }

  /** Ends the innermost object or list and returns it. */
  JsonNode end() {
    Frame ended = open.pop();
    if (ended.node instanceof ObjectNode object) {
      for (Merge merge : ended.merges) {
        merge(object, ended.path, merge);
      }
    }
    return ended.node;
  }

  private String path(Position at) {
    Frame top = open.peek();
    if (top == null) {
      return "";
    }
    if (top.node instanceof ArrayNode list) {
      String path = Positions.item(top.path, list.size());
      positions.put(path, at);
      return path;
    }
    return top.key == null ? top.path : Positions.member(top.path, top.key);
  }

  private void attach(JsonNode node, String path, Position at) {
    if (++nodes > nodeBudget) {
      throw new SyntaxException(
          at, path, "the file has more than " + Limits.NODES + " values; split it");
    }
    Frame top = open.peek();
    if (top == null) {
      positions.put("", at);
      root = node;
    } else if (top.node instanceof ArrayNode list) {
      list.add(node);
    } else if (top.merging) {
      top.merging = false;
      top.merges.add(new Merge(node, at));
    } else if (top.node instanceof ObjectNode object && top.key != null) {
      object.set(top.key, node);
      top.key = null;
    } else {
      throw new SyntaxException(at, path, "a member's name must be plain text");
    }
  }

  private static void merge(ObjectNode object, String path, Merge merge) {
    Iterable<JsonNode> sources =
        merge.node() instanceof ArrayNode list ? list : List.of(merge.node());
    for (JsonNode source : sources) {
      if (!source.isObject()) {
        throw new SyntaxException(
            merge.at(), path, "'<<' merges objects only; give it an alias of one, such as *base");
      }
      source.properties().forEach(e -> object.putIfAbsent(e.getKey(), e.getValue()));
    }
  }

  int nodes() {
    return nodes;
  }

  /** Where the builder is, for a message. */
  String currentPath() {
    Frame top = open.peek();
    return top == null ? "" : top.key == null ? top.path : Positions.member(top.path, top.key);
  }

  /** The finished document; null if there was nothing in it. */
  @Nullable Document document() {
    return root == null || root.isNull() ? null : new Document(root, positions);
  }
}
