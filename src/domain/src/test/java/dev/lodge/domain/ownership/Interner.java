package dev.lodge.domain.ownership;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Values as small numbers, so that a state of the search is a vector of ints. 0 is null. */
final class Interner<T> {
  private final Map<T, Integer> numbers = new HashMap<>();
  private final List<@Nullable T> values = new ArrayList<>();

  Interner() {
    values.add(null);
  }

  int of(@Nullable T value) {
    if (value == null) {
      return 0;
    }
    Integer known = numbers.get(value);
    if (known != null) {
      return known;
    }
    int number = values.size();
    numbers.put(value, number);
    values.add(value);
    return number;
  }

  @Nullable T at(int number) {
    return values.get(number);
  }

  T get(int number) {
    T value = values.get(number);
    if (value == null) {
      throw new IllegalStateException("nothing is there");
    }
    return value;
  }

  int size() {
    return values.size() - 1;
  }
}
