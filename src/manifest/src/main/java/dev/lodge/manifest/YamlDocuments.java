package dev.lodge.manifest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.error.Mark;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.events.AliasEvent;
import org.yaml.snakeyaml.events.DocumentEndEvent;
import org.yaml.snakeyaml.events.DocumentStartEvent;
import org.yaml.snakeyaml.events.Event;
import org.yaml.snakeyaml.events.MappingEndEvent;
import org.yaml.snakeyaml.events.MappingStartEvent;
import org.yaml.snakeyaml.events.NodeEvent;
import org.yaml.snakeyaml.events.ScalarEvent;
import org.yaml.snakeyaml.events.SequenceEndEvent;
import org.yaml.snakeyaml.events.SequenceStartEvent;
import org.yaml.snakeyaml.events.StreamEndEvent;
import org.yaml.snakeyaml.parser.Parser;
import org.yaml.snakeyaml.parser.ParserImpl;
import org.yaml.snakeyaml.reader.ReaderException;
import org.yaml.snakeyaml.reader.StreamReader;

/** Splits a YAML text into documents; works on the parser's events, so that limits bite early. */
final class YamlDocuments {
  private static final String TAG = "tag:yaml.org,2002:";
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

  private final String text;
  private final List<Document> documents = new ArrayList<>();
  private final Map<String, JsonNode> anchors = new HashMap<>();
  private final List<@Nullable String> openAnchors = new ArrayList<>();
  private TreeBuilder builder = new TreeBuilder(Limits.NODES);
  private int nodesBefore;
  private int aliasedNodes;
  private int aliasedCharacters;

  YamlDocuments(String text) {
    this.text = text;
  }

  /** The documents up to the first error, if {@link #read} threw; all, if it did not. */
  List<Document> documents() {
    return documents;
  }

  /**
   * @throws SyntaxException the first mistake; what stands behind it is not read
   */
  void read() {
    try {
      var options = new LoaderOptions();
      options.setCodePointLimit(Limits.BYTES);
      Parser parser = new ParserImpl(new StreamReader(text), options);
      while (true) {
        Event event = parser.getEvent();
        if (event == null || event instanceof StreamEndEvent) {
          return;
        }
        accept(event);
      }
    } catch (ReaderException e) {
      throw new SyntaxException(
          positionOf(e.getPosition()),
          "character U+%04X is not allowed in YAML; remove it (in quotes it can be written \\x%02X)"
              .formatted(e.getCodePoint(), e.getCodePoint()));
    } catch (MarkedYAMLException e) {
      Mark mark = e.getProblemMark() == null ? e.getContextMark() : e.getProblemMark();
      throw new SyntaxException(
          mark == null ? Position.START : at(mark),
          builder.currentPath(),
          YamlAdvice.explain(e.getProblem() == null ? "" : e.getProblem(), e.getContext()));
    } catch (org.yaml.snakeyaml.error.YAMLException e) {
      throw new SyntaxException(Position.START, "does not parse as YAML: " + e.getMessage());
    }
  }

  private void accept(Event event) {
    switch (event) {
      case DocumentStartEvent e -> {
        nodesBefore += builder.nodes();
        builder = new TreeBuilder(Limits.NODES - nodesBefore);
        anchors.clear();
      }
      case DocumentEndEvent e -> {
        Document document = builder.document();
        if (document != null) {
          documents.add(document);
        }
      }
      case AliasEvent e -> alias(e);
      case ScalarEvent e -> scalar(e);
      case MappingStartEvent e -> {
        checkCollection(e, e.getTag(), "map");
        builder.startObject(at(e.getStartMark()));
        openAnchors.add(e.getAnchor());
      }
      case SequenceStartEvent e -> {
        checkCollection(e, e.getTag(), "seq");
        builder.startList(at(e.getStartMark()));
        openAnchors.add(e.getAnchor());
      }
      case MappingEndEvent e -> endCollection();
      case SequenceEndEvent e -> endCollection();
      default -> {
        // The start of the stream says nothing.
      }
    }
  }

  private void endCollection() {
    JsonNode node = builder.end();
    String anchor = openAnchors.removeLast();
    if (anchor != null) {
      anchors.put(anchor, node);
    }
  }

  private void checkCollection(NodeEvent event, @Nullable String tag, String expected) {
    Position at = at(event.getStartMark());
    if (builder.expectsKey()) {
      throw new SyntaxException(
          at,
          builder.currentPath(),
          "a member's name must be plain text; put a text with { or [ in quotes");
    }
    if (tag != null && !tag.equals("!") && !tag.equals(TAG + expected)) {
      throw refusedTag(tag, at);
    }
  }

  private SyntaxException refusedTag(String tag, Position at) {
    String shown = tag.startsWith(TAG) ? "!!" + tag.substring(TAG.length()) : tag;
    return new SyntaxException(
        at, builder.currentPath(), "the tag " + shown + " is not accepted; leave it out");
  }

  private void scalar(ScalarEvent e) {
    Position at = at(e.getStartMark());
    boolean plain = e.isPlain();
    if (builder.expectsKey()) {
      if (plain && e.getTag() == null && e.getValue().equals("<<")) {
        builder.mergeKey();
      } else {
        JsonNode key = value(e, at);
        if (key.isNull()) {
          throw new SyntaxException(
              at, builder.currentPath(), "a member's name is missing before ':'");
        }
        builder.key(key.asText(), at);
      }
      return;
    }
    JsonNode value = value(e, at);
    builder.value(value, at);
    if (e.getAnchor() != null) {
      anchors.put(e.getAnchor(), value);
    }
  }

  private JsonNode value(ScalarEvent e, Position at) {
    String tag = e.getTag();
    JsonNode value =
        tag == null && e.isPlain() ? YamlScalars.plain(e.getValue()) : tagged(e, tag, at);
    if (value == null) {
      throw new SyntaxException(
          at,
          builder.currentPath(),
          "'" + Words.shorten(e.getValue()) + "' is no number that JSON has; put it in quotes");
    }
    return value;
  }

  private @Nullable JsonNode tagged(ScalarEvent e, @Nullable String tag, Position at) {
    if (tag == null || tag.equals("!") || tag.equals(TAG + "str")) {
      return NODES.textNode(e.getValue());
    }
    JsonNode value = YamlScalars.plain(e.getValue());
    boolean fits =
        value != null
            && switch (tag) {
              case TAG + "int" -> value.isIntegralNumber();
              case TAG + "float" -> value.isNumber();
              case TAG + "bool" -> value.isBoolean();
              case TAG + "null" -> value.isNull();
              default -> throw refusedTag(tag, at);
            };
    return fits ? value : null;
  }

  private void alias(AliasEvent e) {
    Position at = at(e.getStartMark());
    JsonNode target = anchors.get(e.getAnchor());
    if (target == null) {
      throw new SyntaxException(
          at, builder.currentPath(), "*" + e.getAnchor() + " has no anchor before it");
    }
    if (builder.expectsKey()) {
      if (!target.isTextual()) {
        throw new SyntaxException(at, builder.currentPath(), "a member's name must be plain text");
      }
      builder.key(target.asText(), at);
      return;
    }
    count(target, at);
    builder.value(target.deepCopy(), at);
  }

  /** Trees grow by aliases of aliases, so each use is paid for in full. */
  private void count(JsonNode target, Position at) {
    aliasedNodes++;
    if (target.isTextual()) {
      aliasedCharacters += target.textValue().length();
    }
    if (aliasedNodes > Limits.ALIASED_NODES || aliasedCharacters > Limits.ALIASED_CHARACTERS) {
      throw new SyntaxException(
          at,
          builder.currentPath(),
          "anchors and aliases make the file explode (more than "
              + Limits.ALIASED_NODES
              + " values or 1 MiB are repeated); write the values out");
    }
    for (JsonNode child : target) {
      count(child, at);
    }
  }

  private static Position at(Mark mark) {
    return new Position(mark.getLine() + 1, mark.getColumn() + 1);
  }

  private Position positionOf(int offset) {
    int line = 1;
    int column = 1;
    for (int i = 0; i < Math.min(offset, text.length()); i++) {
      if (text.charAt(i) == '\n') {
        line++;
        column = 1;
      } else {
        column++;
      }
    }
    return new Position(line, column);
  }
}
