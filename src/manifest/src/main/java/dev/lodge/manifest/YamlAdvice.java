package dev.lodge.manifest;

import org.jspecify.annotations.Nullable;

/** What to do about the mistakes that people make in YAML; the parser only says what it saw. */
final class YamlAdvice {
  private YamlAdvice() {}

  /** A sentence that says that the text is no YAML, why, and the usual mend. */
  static String explain(String problem, @Nullable String context) {
    String what = problem.isEmpty() ? "the text breaks off" : problem.strip();
    String where = context == null || context.isEmpty() ? "" : " " + context.strip();
    String mend = mend(what);
    return "does not parse as YAML: " + what + where + (mend.isEmpty() ? "" : "; " + mend);
  }

  private static String mend(String problem) {
    if (problem.contains("TAB") || problem.contains("\\t")) {
      return "indent with spaces, YAML allows no tabs there";
    }
    if (problem.contains("mapping values are not allowed")) {
      return "check the indentation, and put a text that contains ': ' in quotes";
    }
    if (problem.contains("expected <block end>")) {
      return "the indentation differs from the lines above";
    }
    if (problem.contains("could not find expected ':'")) {
      return "a line lacks its ':', or a text over several lines is not indented";
    }
    if (problem.contains("unexpected end of stream")) {
      return "a quote or bracket is not closed";
    }
    if (problem.contains("cannot start any token")) {
      return "put the text in quotes";
    }
    if (problem.contains("expected ',' or")) {
      return "a comma or the closing bracket is missing";
    }
    return "";
  }
}
