package dev.lodge.cli.output;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Columns as kubectl writes them: upper-case heads, three spaces between. Widths never shrink, so
 * that rows which come later in a watch stand below the first.
 */
public final class TextTable {
  private static final String GAP = "   ";

  private final List<String> heads;
  private final int[] widths;

  public TextTable(List<String> heads) {
    this.heads = heads.stream().map(h -> Sanitizer.line(h).toUpperCase(Locale.ROOT)).toList();
    this.widths = new int[heads.size()];
    widen(this.heads);
  }

  /** The head line; call it after {@link #fit}, so that it has the widths of the rows. */
  public String head() {
    return line(heads);
  }

  /** Makes room for rows that are printed later, and returns them ready to print. */
  public List<String> fit(List<List<String>> rows) {
    List<List<String>> clean = new ArrayList<>();
    for (List<String> row : rows) {
      clean.add(row.stream().map(Sanitizer::line).toList());
    }
    clean.forEach(this::widen);
    return clean.stream().map(this::line).toList();
  }

  private void widen(List<String> cells) {
    for (int i = 0; i < widths.length && i < cells.size(); i++) {
      widths[i] = Math.max(widths[i], length(cells.get(i)));
    }
  }

  private String line(List<String> cells) {
    var out = new StringBuilder();
    for (int i = 0; i < cells.size(); i++) {
      String cell = cells.get(i);
      out.append(cell);
      if (i < cells.size() - 1 && i < widths.length) {
        out.repeat(' ', Math.max(0, widths[i] - length(cell))).append(GAP);
      }
    }
    return out.toString().stripTrailing();
  }

  private static int length(String cell) {
    return cell.codePointCount(0, cell.length());
  }
}
