package dev.lodge.cli.command;

/** The values of {@code -o}. */
enum OutputFormat {
  table,
  wide,
  json,
  yaml,
  name;

  /** Whether the server makes a table of it. */
  boolean tabular() {
    return this == table || this == wide;
  }
}
