package dev.lodge.domain.validation;

import dev.lodge.api.change.Change;
import dev.lodge.api.change.Change.Cost;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Finds changes of fields that {@link Change} calls IMMUTABLE. Entries of lists belong together by
 * their name, as in the CRD.
 */
final class Immutability {
  private final Findings out;
  private final String mend;

  Immutability(Findings out, String mend) {
    this.out = out;
    this.mend = mend;
  }

  /** Compares two records of one type; either may be absent. */
  void compare(String path, @Nullable Record before, @Nullable Record after) {
    Record some = before != null ? before : after;
    if (some == null) {
      return;
    }
    for (RecordComponent component : some.getClass().getRecordComponents()) {
      Object old = value(component, before);
      Object now = value(component, after);
      String at = path + "." + jsonName(component);
      Change change = component.getAnnotation(Change.class);
      if (change != null && change.value() == Cost.IMMUTABLE) {
        out.errorIf(
            !effective(old, change).equals(effective(now, change)), at, "cannot change; " + mend);
      } else if (old instanceof Record || now instanceof Record) {
        compare(at, old instanceof Record r ? r : null, now instanceof Record r ? r : null);
      } else if (old instanceof List<?> a && now instanceof List<?> b) {
        lists(at, a, b);
      }
    }
  }

  /** What is in one list only was added or removed, which is no change of a field. */
  private void lists(String path, List<?> before, List<?> after) {
    Map<String, Record> old = new LinkedHashMap<>();
    for (Object item : before) {
      if (item instanceof Record r && name(r) instanceof String name) {
        old.put(name, r);
      }
    }
    for (int i = 0; i < after.size(); i++) {
      if (after.get(i) instanceof Record now
          && name(now) instanceof String name
          && old.get(name) instanceof Record was) {
        compare(path + "[" + i + "]", was, now);
      }
    }
  }

  private static Object effective(@Nullable Object value, Change change) {
    String text = value == null ? change.absent() : value.toString();
    return value instanceof Enum<?> || value == null ? text : value;
  }

  private static @Nullable Object name(Record item) {
    for (RecordComponent component : item.getClass().getRecordComponents()) {
      if (component.getName().equals("name")) {
        return value(component, item);
      }
    }
    return null;
  }

  private static String jsonName(RecordComponent component) {
    var property =
        component.getAccessor().getAnnotation(com.fasterxml.jackson.annotation.JsonProperty.class);
    return property == null ? component.getName() : property.value();
  }

  private static @Nullable Object value(RecordComponent component, @Nullable Record record) {
    if (record == null) {
      return null;
    }
    try {
      return component.getAccessor().invoke(record);
    } catch (IllegalAccessException | InvocationTargetException e) {
      throw new IllegalStateException(
          Objects.requireNonNull(component.getDeclaringRecord()).getName() + " is not public", e);
    }
  }
}
