package dev.lodge.agent.libvirt;

import dev.lodge.domain.machine.DomainNames;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;

/**
 * Which XML this libvirt has validated. A libvirt that does not know an element or attribute drops
 * it without a word, and the guest is another: so it must validate. That takes it 10 of the 120 ms
 * of a small start, and unknown names do not depend on values: once for each shape is enough.
 */
final class ValidShapes {
  private static final int MOST = 1000;
  private static final Pattern VALUES = Pattern.compile("\"[^\"]*\"|>[^<]+<");

  private final Set<String> known = ConcurrentHashMap.newKeySet();

  /** The elements and attributes without their values, as a short text. */
  static String of(String xml) {
    return DomainNames.hash(
        VALUES.matcher(xml).replaceAll(m -> m.group().startsWith(">") ? "><" : "\"\""), 32);
  }

  boolean contains(String shape) {
    return known.contains(shape);
  }

  void add(String shape) {
    if (known.size() >= MOST) {
      known.clear();
    }
    known.add(shape);
  }

  /** The daemon may be another one now. */
  void forget() {
    known.clear();
  }
}
