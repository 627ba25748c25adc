package dev.lodge.agent.apiserver;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * Which objects a list or watch wants: label selectors in Kubernetes' full syntax, field selectors
 * over the fields that the resource names.
 */
final class Selector {
  /** Longer ones are no selector that a person or program of ours writes. */
  private static final int MAX_LENGTH = 4096;

  private static final Selector ALL = new Selector(o -> true, true);

  private final Predicate<ObjectNode> matches;
  private final boolean stable;

  private Selector(Predicate<ObjectNode> matches, boolean stable) {
    this.matches = matches;
    this.stable = stable;
  }

  boolean matches(ObjectNode object) {
    return matches.test(object);
  }

  /** Whether an object is in or out for as long as it exists: by name or namespace alone. */
  boolean stable() {
    return stable;
  }

  Selector and(Selector other) {
    return new Selector(matches.and(other.matches), stable && other.stable);
  }

  static Selector all() {
    return ALL;
  }

  /** Objects of one namespace. */
  static Selector namespace(String namespace) {
    return new Selector(o -> o.path("metadata").path("namespace").asText().equals(namespace), true);
  }

  /**
   * @param fields what can be selected, with how it is read
   * @throws ApiException 400: syntax, or a field that is not known
   */
  static Selector fields(String text, Map<String, Function<ObjectNode, String>> fields) {
    checkLength(text);
    Selector all = ALL;
    for (String part : text.split(",")) {
      if (part.isBlank()) {
        continue;
      }
      int not = part.indexOf("!=");
      int eq = part.indexOf('=');
      if (eq < 0) {
        throw ApiException.badRequest(
            "fieldSelector: '" + part + "' is not FIELD=VALUE or FIELD!=VALUE");
      }
      boolean negated = not >= 0 && not < eq;
      String name = part.substring(0, negated ? not : eq).trim();
      String rest = part.substring(eq + 1);
      String value = (rest.startsWith("=") ? rest.substring(1) : rest).trim();
      Function<ObjectNode, String> field = fields.get(name);
      if (field == null) {
        throw ApiException.badRequest(
            "field label not supported: " + name + " (there are: " + fields.keySet() + ")");
      }
      boolean forGood = name.equals("metadata.name") || name.equals("metadata.namespace");
      all = all.and(new Selector(o -> field.apply(o).equals(value) != negated, forGood));
    }
    return all;
  }

  /**
   * @throws ApiException 400: syntax
   */
  static Selector labels(String text) {
    checkLength(text);
    Selector all = ALL;
    for (String part : splitOutsideParentheses(text)) {
      if (!part.isBlank()) {
        all = all.and(requirement(part.trim()));
      }
    }
    return all;
  }

  private static Selector requirement(String text) {
    if (text.startsWith("!")) {
      String key = key(text.substring(1), text);
      return label(key, v -> v == null);
    }
    int paren = text.indexOf('(');
    if (paren >= 0) {
      if (!text.endsWith(")")) {
        throw syntax(text);
      }
      Set<String> values =
          Set.of(
              java.util.Arrays.stream(text.substring(paren + 1, text.length() - 1).split(",", -1))
                  .map(String::trim)
                  .distinct()
                  .toArray(String[]::new));
      String[] head = text.substring(0, paren).trim().split("\\s+");
      if (head.length != 2) {
        throw syntax(text);
      }
      String key = key(head[0], text);
      return switch (head[1]) {
        case "in" -> label(key, v -> v != null && values.contains(v));
        case "notin" -> label(key, v -> v == null || !values.contains(v));
        default -> throw syntax(text);
      };
    }
    int eq = text.indexOf('=');
    if (eq < 0) {
      return label(key(text, text), v -> v != null);
    }
    boolean negated = eq > 0 && text.charAt(eq - 1) == '!';
    String key = key(text.substring(0, negated ? eq - 1 : eq), text);
    String rest = text.substring(eq + 1);
    String value = (rest.startsWith("=") ? rest.substring(1) : rest).trim();
    if (value.indexOf('=') >= 0 || value.indexOf('!') >= 0) {
      throw syntax(text);
    }
    return negated ? label(key, v -> !value.equals(v)) : label(key, value::equals);
  }

  private static Selector label(
      String key, Predicate<@org.jspecify.annotations.Nullable String> test) {
    return new Selector(
        o -> {
          var label = o.path("metadata").path("labels").path(key);
          return test.test(label.isTextual() ? label.textValue() : null);
        },
        false);
  }

  private static String key(String raw, String text) {
    String key = raw.trim();
    if (!key.matches("([a-z0-9.-]{1,253}/)?[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?")) {
      throw syntax(text);
    }
    return key;
  }

  private static ApiException syntax(String text) {
    return ApiException.badRequest(
        "labelSelector: '"
            + text
            + "' is not KEY, !KEY, KEY=VALUE, KEY!=VALUE, KEY in (A,B) or KEY notin (A,B)");
  }

  private static List<String> splitOutsideParentheses(String text) {
    List<String> parts = new ArrayList<>();
    int depth = 0;
    int from = 0;
    for (int i = 0; i < text.length(); i++) {
      switch (text.charAt(i)) {
        case '(' -> depth++;
        case ')' -> depth--;
        case ',' -> {
          if (depth == 0) {
            parts.add(text.substring(from, i));
            from = i + 1;
          }
        }
        default -> {}
      }
    }
    parts.add(text.substring(from));
    return parts;
  }

  private static void checkLength(String text) {
    if (text.length() > MAX_LENGTH) {
      throw ApiException.badRequest("the selector is longer than " + MAX_LENGTH + " characters");
    }
  }
}
