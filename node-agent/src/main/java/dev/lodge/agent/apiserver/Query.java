package dev.lodge.agent.apiserver;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** Query parameters; of a repeated one the first counts. */
final class Query {
  private final Map<String, String> values = new LinkedHashMap<>();

  /**
   * @throws ApiException 400: a broken escape
   */
  Query(@Nullable String raw) {
    if (raw == null || raw.isEmpty()) {
      return;
    }
    for (String part : raw.split("&")) {
      int eq = part.indexOf('=');
      String key = decode(eq < 0 ? part : part.substring(0, eq));
      values.putIfAbsent(key, eq < 0 ? "" : decode(part.substring(eq + 1)));
    }
  }

  private static String decode(String raw) {
    return Route.decode(raw.replace('+', ' '))
        .orElseThrow(() -> ApiException.badRequest("the query has a broken escape: " + raw));
  }

  /** Empty if absent. */
  String text(String name) {
    return values.getOrDefault(name, "");
  }

  /** Kubernetes' booleans: true, 1; all else is false. */
  boolean flag(String name) {
    String v = text(name);
    return v.equals("true") || v.equals("1");
  }

  /**
   * @throws ApiException 400: not a number, or negative
   */
  OptionalLong number(String name) {
    String v = text(name);
    if (v.isEmpty()) {
      return OptionalLong.empty();
    }
    try {
      long n = Long.parseLong(v);
      if (n >= 0) {
        return OptionalLong.of(n);
      }
    } catch (NumberFormatException e) {
      // Told below, together with negative ones.
    }
    throw ApiException.badRequest(name + " must be a whole number that is not negative");
  }

  /**
   * @throws ApiException 400: a value other than All
   */
  boolean dryRun() {
    return switch (text("dryRun")) {
      case "" -> false;
      case "All" -> true;
      default -> throw ApiException.badRequest("dryRun must be All or absent");
    };
  }
}
