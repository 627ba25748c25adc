package dev.lodge.bench.scale;

import java.util.Map;
import java.util.TreeMap;

/** {@code --name=value}, each name once. */
record Options(Map<String, String> all) {

  static Options of(String[] arguments) {
    var options = new TreeMap<String, String>();
    for (String a : arguments) {
      int equals = a.indexOf('=');
      if (!a.startsWith("--") || equals < 0) {
        throw new IllegalArgumentException("not --name=value: " + a);
      }
      options.put(a.substring(2, equals), a.substring(equals + 1));
    }
    return new Options(options);
  }

  /** The value of an option that must be there. */
  String need(String name) {
    String value = all.get(name);
    if (value == null) {
      throw new IllegalArgumentException("--" + name + "= is missing");
    }
    return value;
  }
}
