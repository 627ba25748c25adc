package dev.lodge.manifest;

/** A place in a file; both count from 1, as editors do. */
public record Position(int line, int column) {
  static final Position START = new Position(1, 1);
}
