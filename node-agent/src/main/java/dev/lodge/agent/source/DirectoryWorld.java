package dev.lodge.agent.source;

import dev.lodge.agent.store.Admission;
import dev.lodge.agent.store.DurableObjects;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * What the parts of the store share.
 *
 * @param missing used only within transactions, which run one at a time
 * @param nanos a monotonic clock
 * @param uids makes UIDs
 */
record DirectoryWorld(
    ManifestDirectory directory,
    DurableObjects objects,
    Admission admission,
    Missing missing,
    Clock clock,
    LongSupplier nanos,
    Supplier<String> uids) {

  /** The time as Kubernetes writes it: RFC 3339, whole seconds. */
  String now() {
    return clock.instant().truncatedTo(ChronoUnit.SECONDS).toString();
  }
}
