package dev.lodge.bench.scale;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What was measured, as a table in Markdown. */
final class Report {
  private final List<String> rows = new ArrayList<>();
  private final List<String> details = new ArrayList<>();

  /**
   * One figure.
   *
   * @param target and in brackets what the nearest peer needed, measured the same way
   */
  void row(String figure, String measured, String target, String circumstances) {
    String row = "| %s | %s | %s | %s |".formatted(figure, measured, target, circumstances);
    rows.add(row);
    System.err.println(row);
  }

  /** A paragraph or list below the table. */
  void detail(String text) {
    details.add(text);
    System.err.println(text);
  }

  static String text(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }

  String markdown() {
    return "| figure | measured | target (nearest peer) | load average before; other work, in CPUs |\n"
        + "|---|---|---|---|\n"
        + String.join("\n", rows)
        + "\n\n"
        + String.join("\n\n", details)
        + "\n";
  }
}
