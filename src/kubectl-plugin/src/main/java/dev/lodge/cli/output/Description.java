package dev.lodge.cli.output;

import java.util.ArrayList;
import java.util.List;

/** The layout of {@code describe}: aligned fields, indented sections, tables, paragraphs. */
final class Description {
  private static final int WIDTH = 96;

  private final StringBuilder out = new StringBuilder();

  /** Fields whose values stand below one another; those without a value are left out. */
  void fields(String indent, List<String[]> fields) {
    List<String[]> shown = fields.stream().filter(f -> !f[1].isEmpty()).toList();
    int width = shown.stream().mapToInt(f -> f[0].length()).max().orElse(0) + 2;
    for (String[] field : shown) {
      out.append(indent).append(field[0]).append(':');
      out.repeat(' ', width - field[0].length());
      out.append(Sanitizer.line(field[1])).append('\n');
    }
  }

  /** The title of a section. */
  void section(String title) {
    out.append(title).append(":\n");
  }

  /** A section's title and a remark beside it. */
  void section(String title, String remark) {
    out.append(title).append(":  ").append(remark).append('\n');
  }

  /** A table, indented. */
  void table(List<String> heads, List<List<String>> rows) {
    var table = new TextTable(heads);
    List<String> lines = table.fit(rows);
    out.append("  ").append(table.head()).append('\n');
    lines.forEach(line -> out.append("  ").append(line).append('\n'));
  }

  /** A paragraph, broken at words. */
  void paragraph(String indent, String text) {
    for (String line : Sanitizer.lines(text).strip().split("\n", -1)) {
      for (String part : broken(line, WIDTH - indent.length())) {
        out.append((indent + part).stripTrailing()).append('\n');
      }
    }
  }

  /** Text that has its own line breaks, indented. */
  void block(String indent, String text) {
    for (String line : Sanitizer.lines(text).stripTrailing().split("\n", -1)) {
      out.append((indent + line).stripTrailing()).append('\n');
    }
  }

  /** The whole. */
  String text() {
    return out.toString();
  }

  private static List<String> broken(String text, int width) {
    var lines = new ArrayList<String>();
    var line = new StringBuilder();
    for (String word : text.split(" ", -1)) {
      if (!line.isEmpty() && line.length() + 1 + word.length() > width) {
        lines.add(line.toString());
        line.setLength(0);
      }
      line.append(line.isEmpty() ? "" : " ").append(word);
    }
    lines.add(line.toString());
    return lines;
  }
}
