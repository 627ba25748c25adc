package dev.lodge.manifest;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Splits a text of JSON objects into documents. JSON is YAML only nearly: a YAML parser refuses
 * tabs between its tokens.
 */
final class JsonDocuments {
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

  /** A factory of its own: an ObjectMapper costs a new process 0.1 s that not all need. */
  private static final JsonFactory PARSERS = new JsonFactory();

  private final List<Document> documents = new ArrayList<>();

  /** The documents up to the first error. */
  List<Document> documents() {
    return documents;
  }

  /** Whether a text is meant as JSON: an object whose first member's name is in double quotes. */
  static boolean looksLikeJson(String text) {
    int i = skipSpace(text, 0);
    if (i == text.length() || text.charAt(i) != '{') {
      return false;
    }
    i = skipSpace(text, i + 1);
    return i < text.length() && (text.charAt(i) == '"' || text.charAt(i) == '}');
  }

  private static int skipSpace(String text, int from) {
    int i = from;
    while (i < text.length() && " \t\r\n".indexOf(text.charAt(i)) >= 0) {
      i++;
    }
    return i;
  }

  /**
   * @throws SyntaxException the first mistake
   */
  void read(String text) {
    int budget = Limits.NODES;
    try (JsonParser parser = PARSERS.createParser(text)) {
      while (parser.nextToken() != null) {
        var builder = new TreeBuilder(budget);
        document(parser, builder);
        budget -= builder.nodes();
        Document document = builder.document();
        if (document != null) {
          documents.add(document);
        }
      }
    } catch (JsonProcessingException e) {
      JsonLocation l = e.getLocation();
      throw new SyntaxException(
          l == null ? Position.START : at(l), "does not parse as JSON: " + e.getOriginalMessage());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void document(JsonParser parser, TreeBuilder builder) throws IOException {
    int depth = 0;
    JsonToken token = parser.currentToken();
    while (true) {
      if (token == null) {
        throw new SyntaxException(
            at(parser.currentLocation()), "does not parse as JSON: a bracket is not closed");
      }
      Position at = at(parser.currentTokenLocation());
      switch (token) {
        case START_OBJECT -> {
          builder.startObject(at);
          depth++;
        }
        case START_ARRAY -> {
          builder.startList(at);
          depth++;
        }
        case END_OBJECT, END_ARRAY -> {
          builder.end();
          depth--;
        }
        case FIELD_NAME -> builder.key(parser.currentName(), at);
        default -> builder.value(scalar(parser, token), at);
      }
      if (depth == 0) {
        return;
      }
      token = parser.nextToken();
    }
  }

  private static JsonNode scalar(JsonParser parser, JsonToken token) throws IOException {
    return switch (token) {
      case VALUE_TRUE -> NODES.booleanNode(true);
      case VALUE_FALSE -> NODES.booleanNode(false);
      case VALUE_NULL -> NODES.nullNode();
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> {
        @Nullable JsonNode number = YamlScalars.plain(parser.getText());
        yield number == null ? NODES.textNode(parser.getText()) : number;
      }
      default -> NODES.textNode(parser.getText());
    };
  }

  private static Position at(JsonLocation l) {
    return new Position(Math.max(1, l.getLineNr()), Math.max(1, l.getColumnNr()));
  }
}
