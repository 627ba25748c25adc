package dev.lodge.domain.change;

import dev.lodge.api.common.Quantity;
import java.util.List;
import java.util.Objects;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;

/** Values for people, as they would be written in YAML on one line. */
final class Texts {
  private static final int LONGEST = 200;

  private Texts() {}

  /** Equal, or two ways to write one amount. */
  static boolean same(@Nullable Object a, @Nullable Object b) {
    if (a instanceof Quantity x && b instanceof Quantity y && x.isValid() && y.isValid()) {
      return x.bytes() == y.bytes();
    }
    return Objects.equals(a, b);
  }

  static @Nullable String of(@Nullable Object value) {
    if (value == null) {
      return null;
    }
    String text = plain(value);
    return text.length() <= LONGEST ? text : text.substring(0, LONGEST - 1) + "…";
  }

  private static String plain(Object value) {
    if (value instanceof Record && !(value instanceof Quantity)) {
      return flow(value);
    }
    if (value instanceof List<?> list) {
      var joined = new StringJoiner(", ", "[", "]");
      list.forEach(e -> joined.add(plain(e)));
      return joined.toString();
    }
    return value.toString();
  }

  private static String flow(Object record) {
    var joined = new StringJoiner(", ", "{", "}");
    for (Shape.Field field : Shape.of(record.getClass()).fields()) {
      Object value = field.of(record);
      if (value != null) {
        joined.add(field.name() + ": " + (field.secret() ? "(not shown)" : plain(value)));
      }
    }
    return joined.toString();
  }
}
