package dev.lodge.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lodge.api.ResourceKind;
import dev.lodge.cli.client.Target;
import dev.lodge.cli.output.TextTable;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Prints the tables that the server makes; more rows of the same table may follow. */
final class TablePrinter {
  private final PrintStream out;
  private final OutputFormat output;
  private final boolean namespaces;
  private final boolean noHeaders;
  private @Nullable ResourceKind prefix;
  private @Nullable TextTable table;
  private List<Integer> columns = List.of();

  TablePrinter(PrintStream out, OutputFormat output, boolean namespaces, boolean noHeaders) {
    this.out = out;
    this.output = output;
    this.namespaces = namespaces;
    this.noHeaders = noHeaders;
  }

  /** The next rows are another table; with a kind, names are written as kind/name. */
  void begin(@Nullable ResourceKind kind) {
    prefix = kind;
    table = null;
  }

  /** Prints rows, and the head before the first of them. */
  void print(JsonNode part) {
    TextTable known = table;
    boolean fresh = known == null;
    TextTable text = known == null ? define(part.path("columnDefinitions")) : known;
    table = text;
    List<List<String>> rows = new ArrayList<>();
    part.path("rows").forEach(row -> rows.add(cells(row)));
    List<String> lines = text.fit(rows);
    if (fresh && !noHeaders) {
      out.println(text.head());
    }
    lines.forEach(out::println);
  }

  private TextTable define(JsonNode definitions) {
    List<String> heads = new ArrayList<>();
    List<Integer> shown = new ArrayList<>();
    if (namespaces) {
      heads.add("Namespace");
    }
    for (int i = 0; i < definitions.size(); i++) {
      JsonNode column = definitions.get(i);
      if (column.path("priority").asInt() == 0 || output == OutputFormat.wide) {
        heads.add(column.path("name").asText());
        shown.add(i);
      }
    }
    columns = shown;
    return new TextTable(heads);
  }

  private List<String> cells(JsonNode row) {
    List<String> cells = new ArrayList<>();
    if (namespaces) {
      cells.add(text(row.path("object").path("metadata").path("namespace")));
    }
    boolean first = true;
    for (int column : columns) {
      String cell = text(row.path("cells").path(column));
      ResourceKind kind = prefix;
      cells.add(first && kind != null ? Target.qualified(kind, cell) : cell);
      first = false;
    }
    return cells;
  }

  private static String text(JsonNode cell) {
    if (cell.isNull() || cell.isMissingNode() || cell.isTextual() && cell.textValue().isEmpty()) {
      return "<none>";
    }
    return cell.isValueNode() ? cell.asText() : cell.toString();
  }
}
