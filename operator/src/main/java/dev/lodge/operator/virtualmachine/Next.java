package dev.lodge.operator.virtualmachine;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * When to look at a VM again, if no event comes first.
 *
 * @param after null: an event will tell
 */
record Next(@Nullable Duration after) {
  static final Next EVENT = new Next(null);

  /** What was decided on is old: the watch is about to tell. */
  static final Next SOON = new Next(Duration.ofMillis(100));

  /** The API server gave no clear answer. */
  static final Next RETRY = new Next(Duration.ofSeconds(2));

  /** Something that nobody tells of must change first: a quota, a policy, a claim, a mount. */
  static final Next LATER = new Next(Duration.ofSeconds(10));
}
