package dev.lodge.manifest;

import dev.lodge.api.common.Names;
import dev.lodge.api.common.Quantity;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Matches the patterns of a CRD as an API server does, and says in words what they want. */
final class Patterns {
  private static final ConcurrentMap<String, Pattern> COMPILED = new ConcurrentHashMap<>();
  private static final Pattern END = Pattern.compile("(?<!\\\\)\\$");

  private static final Map<String, String> WORDS =
      Map.of(
          Names.LABEL,
          "use lower-case letters, digits and '-', beginning and ending with a letter or digit, at most 63",
          Names.SUBDOMAIN,
          "use lower-case letters, digits, '-' and '.', beginning and ending with a letter or digit",
          Names.RELATIVE_PATH,
          "write a path that does not begin with '/' and has no control characters",
          Names.ABSOLUTE_PATH,
          "write an absolute path, beginning with '/', without control characters",
          Names.PRINTABLE,
          "use printable characters on one line",
          Quantity.PATTERN,
          "write an amount such as 512Mi, 1.5Gi or 20G (suffixes Ki Mi Gi Ti Pi k M G T P)");

  private Patterns() {}

  /** Go's {@code $} is only the very end; Java's also stands before a last line break. */
  static boolean matches(String pattern, String text) {
    Pattern compiled =
        COMPILED.computeIfAbsent(pattern, p -> Pattern.compile(END.matcher(p).replaceAll("\\\\z")));
    return compiled.matcher(text).find();
  }

  /** What is wrong with a text that does not match. */
  static String explain(String pattern, String text, String description) {
    @Nullable String words = WORDS.get(pattern);
    String mend =
        words != null
            ? words
            : description.isEmpty() ? "it must match " + pattern : expected(description);
    return "'" + Words.shorten(text) + "' does not fit; " + mend;
  }

  private static String expected(String description) {
    return "expected: " + Words.sentence(description);
  }
}
