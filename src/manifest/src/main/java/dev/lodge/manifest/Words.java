package dev.lodge.manifest;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;

/** Foreign values made fit for a message on one line. */
final class Words {
  private static final int LONGEST = 60;
  private static final int LONGEST_LIST = 400;
  private static final int LONGEST_MESSAGE = 1000;

  private Words() {}

  /** Without control characters, and cut when long. */
  static String shorten(String text) {
    return visible(text, LONGEST);
  }

  /** As {@link #shorten}, for lists of names. */
  static String cut(String text) {
    return visible(text, LONGEST_LIST);
  }

  /** As {@link #shorten}, for whole messages. */
  static String message(String text) {
    return visible(text, LONGEST_MESSAGE);
  }

  private static String visible(String text, int most) {
    boolean whole = text.codePointCount(0, text.length()) <= most;
    int end = whole ? text.length() : text.offsetByCodePoints(0, most);
    var out = new StringBuilder();
    text.substring(0, end)
        .codePoints()
        .forEach(
            c -> {
              if (Character.isISOControl(c) || (c >= 0xfffe && c <= 0xffff)) {
                out.append("\\u%04x".formatted(c));
              } else {
                out.appendCodePoint(c);
              }
            });
    return whole ? out.toString() : out.append('…').toString();
  }

  /** What a value is, in words: {@code the number 5}, {@code the text 'x'}, {@code a list}. */
  static String of(JsonNode value) {
    return switch (value.getNodeType()) {
      case STRING -> "the text '" + shorten(value.textValue()) + "'";
      case NUMBER -> "the number " + shorten(value.asText());
      case BOOLEAN -> value.asText();
      case ARRAY -> "a list";
      case OBJECT -> "an object";
      case NULL -> "empty";
      default -> "something else";
    };
  }

  /** Why a value is no text: nearly always because quotes are missing. */
  static String notText(JsonNode value, List<String> choices) {
    String must =
        choices.isEmpty() ? "must be text" : "must be one of " + String.join(", ", choices);
    return switch (value.getNodeType()) {
      case BOOLEAN ->
          must
              + ", but YAML reads this word as "
              + value.asText()
              + (choices.isEmpty() ? "; put it in quotes" : "");
      case NUMBER ->
          must
              + ", but YAML reads this as the number "
              + shorten(value.asText())
              + (choices.isEmpty() ? "; put it in quotes" : "");
      default -> must + ", but is " + of(value);
    };
  }

  static List<String> list(JsonNode texts) {
    List<String> out = new ArrayList<>(texts.size());
    texts.forEach(t -> out.add(t.asText()));
    return out;
  }

  /** A description without its full stop. */
  static String sentence(String description) {
    return description.endsWith(".")
        ? description.substring(0, description.length() - 1)
        : description;
  }
}
