package dev.lodge.manifest;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The part of Kubernetes' JSONPath that printer columns and {@code -o jsonpath} need: members
 * ({@code .a.b}, {@code ['a.b']}), items ({@code [0]}, {@code [-1]}, {@code [*]}) and filters by
 * equality ({@code [?(@.type=="Ready")]}).
 */
public final class JsonPath {
  private static final ConcurrentMap<String, JsonPath> COMPILED = new ConcurrentHashMap<>();
  private static final int MOST_COMPILED = 256;
  private static final Pattern STEP =
      Pattern.compile(
          "\\.(?<member>[A-Za-z0-9_-]+|\\*)"
              + "|\\['(?<quoted>[^']+)'\\]"
              + "|\\[(?<index>-?[0-9]{1,9}|\\*)\\]"
              + "|\\[\\?\\(@(?<field>(?:\\.[A-Za-z0-9_-]+)+)\\s*(?<op>==|!=)\\s*"
              + "(?:\"(?<dq>[^\"]*)\"|'(?<sq>[^']*)')\\)\\]");

  private final List<Step> steps;

  private sealed interface Step {
    record Member(String name) implements Step {}

    record Item(int index) implements Step {}

    record All() implements Step {}

    record Where(List<String> field, String value, boolean equal) implements Step {}
  }

  private JsonPath(List<Step> steps) {
    this.steps = steps;
  }

  /**
   * @param path with or without the braces of kubectl, e.g. {@code .status.phase}
   * @throws IllegalArgumentException the path uses what is not supported
   */
  public static JsonPath compile(String path) {
    JsonPath known = COMPILED.get(path);
    if (known == null) {
      known = new JsonPath(parse(path));
      if (COMPILED.size() < MOST_COMPILED) {
        COMPILED.put(path, known);
      }
    }
    return known;
  }

  private static List<Step> parse(String path) {
    String p = path.strip();
    if (p.startsWith("{") && p.endsWith("}")) {
      p = p.substring(1, p.length() - 1);
    }
    if (p.startsWith("$")) {
      p = p.substring(1);
    }
    List<Step> steps = new ArrayList<>();
    Matcher m = STEP.matcher(p);
    int from = 0;
    while (from < p.length() && !p.substring(from).equals(".")) {
      m.region(from, p.length());
      if (!m.lookingAt()) {
        throw new IllegalArgumentException(
            "the JSONPath '" + path + "' is not understood at '" + p.substring(from) + "'");
      }
      steps.add(step(m));
      from = m.end();
    }
    return steps;
  }

  private static Step step(Matcher m) {
    String member = m.group("member") == null ? m.group("quoted") : m.group("member");
    if (member != null) {
      return member.equals("*") ? new Step.All() : new Step.Member(member);
    }
    String index = m.group("index");
    if (index != null) {
      return index.equals("*") ? new Step.All() : new Step.Item(Integer.parseInt(index));
    }
    String value = m.group("dq") == null ? m.group("sq") : m.group("dq");
    return new Step.Where(
        List.of(m.group("field").substring(1).split("\\.")),
        value == null ? "" : value,
        m.group("op").equals("=="));
  }

  /** Everything the path finds, in order. */
  public List<JsonNode> find(JsonNode object) {
    List<JsonNode> found = List.of(object);
    for (Step step : steps) {
      List<JsonNode> next = new ArrayList<>();
      for (JsonNode node : found) {
        apply(step, node, next);
      }
      found = next;
    }
    return found;
  }

  /** The first that the path finds, if it is not null. */
  public Optional<JsonNode> first(JsonNode object) {
    for (JsonNode node : find(object)) {
      if (!node.isNull()) {
        return Optional.of(node);
      }
    }
    return Optional.empty();
  }

  private static void apply(Step step, JsonNode node, List<JsonNode> out) {
    switch (step) {
      case Step.Member m -> add(node.get(m.name()), out);
      case Step.Item i -> add(node.get(i.index() < 0 ? node.size() + i.index() : i.index()), out);
      case Step.All a -> node.forEach(out::add);
      case Step.Where w -> {
        for (JsonNode item : node) {
          JsonNode field = item;
          for (String name : w.field()) {
            field = field.path(name);
          }
          boolean same = !field.isMissingNode() && field.asText().equals(w.value());
          if (same == w.equal()) {
            out.add(item);
          }
        }
      }
    }
  }

  private static void add(@org.jspecify.annotations.Nullable JsonNode node, List<JsonNode> out) {
    if (node != null) {
      out.add(node);
    }
  }
}
