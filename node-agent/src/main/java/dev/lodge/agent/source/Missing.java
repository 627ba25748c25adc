package dev.lodge.agent.source;

import dev.lodge.agent.store.ObjectKey;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * Since when objects are in no file. Editors and Git rename or remove a file before they write the
 * new one: an object is deleted only after it was missing for a while.
 */
final class Missing {
  private final Duration grace;
  private final Map<ObjectKey, Long> since = new HashMap<>();

  Missing(Duration grace) {
    this.grace = grace;
  }

  /**
   * How long it may still come back; zero or less: it is gone.
   *
   * @param nanos of a monotonic clock
   */
  Duration left(ObjectKey key, long nanos) {
    long first = since.computeIfAbsent(key, k -> nanos);
    return grace.minusNanos(nanos - first);
  }

  /** Those that are not missing any more begin anew the next time. */
  void only(Set<ObjectKey> stillMissing) {
    since.keySet().retainAll(stillMissing);
  }
}
