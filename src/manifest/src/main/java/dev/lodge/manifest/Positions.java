package dev.lodge.manifest;

import java.util.HashMap;
import java.util.Map;

/**
 * Where the fields of one document stand. Paths are written as Kubernetes writes them: {@code
 * spec.disks[0].bus}, {@code metadata.labels[app.kubernetes.io/name]}.
 */
public final class Positions {
  private final Map<String, Position> byPath;
  private final String base;

  Positions() {
    this(new HashMap<>(), "");
  }

  private Positions(Map<String, Position> byPath, String base) {
    this.byPath = byPath;
    this.base = base;
  }

  void put(String path, Position position) {
    byPath.put(path, position);
  }

  /** The same places for the object at a path, which then counts as the whole. */
  Positions below(String path) {
    return new Positions(byPath, join(base, path));
  }

  /**
   * Where a field stands; for one that is not there, where the nearest part above it stands; at
   * last the start of the file.
   */
  public Position find(String path) {
    String p = join(base, path);
    while (true) {
      Position found = byPath.get(p);
      if (found != null) {
        return found;
      }
      if (p.isEmpty()) {
        return Position.START;
      }
      p = p.substring(0, Math.max(0, Math.max(p.lastIndexOf('.'), p.lastIndexOf('['))));
    }
  }

  private static String join(String base, String path) {
    if (base.isEmpty() || path.isEmpty()) {
      return base + path;
    }
    return path.startsWith("[") ? base + path : base + "." + path;
  }

  /** The path of a member: bracketed where a dot would mislead. */
  static String member(String parent, String key) {
    boolean plain = key.indexOf('.') < 0 && key.indexOf('/') < 0 && key.indexOf('[') < 0;
    return plain ? (parent.isEmpty() ? key : parent + "." + key) : parent + "[" + key + "]";
  }

  static String item(String parent, int index) {
    return parent + "[" + index + "]";
  }
}
