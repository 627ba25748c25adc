package dev.lodge.agent.source;

import dev.lodge.agent.store.Admission;
import dev.lodge.api.ResourceKind;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.function.Supplier;

/**
 * How a {@link DirectoryStore} is set up.
 *
 * @param manifests the directory of wishes
 * @param state the directory of states; only this agent's
 * @param admission the rules that need more than one object
 * @param finalized kinds whose objects stay, deleting, until {@code finish}
 * @param grace how long a manifest may be missing before its objects are deleted: editors and Git
 *     remove a file before they write the new one
 * @param poll how often to look at everything, besides the events
 * @param remembered how many changes a watch may lag behind
 * @param uids makes UIDs
 */
public record DirectoryStoreOptions(
    Path manifests,
    Path state,
    Admission admission,
    List<ResourceKind> finalized,
    Duration grace,
    Duration poll,
    int remembered,
    Clock clock,
    Supplier<String> uids) {

  /** The usual set-up. */
  public static DirectoryStoreOptions of(Path manifests, Path state, Admission admission) {
    return new DirectoryStoreOptions(
        manifests,
        state,
        admission,
        List.of(ResourceKind.VirtualMachine),
        Duration.ofMillis(500),
        Duration.ofSeconds(15),
        4096,
        Clock.systemUTC(),
        () -> UUID.randomUUID().toString());
  }

  /** With other kinds that are cleaned up before they go. */
  public DirectoryStoreOptions withFinalized(List<ResourceKind> kinds) {
    return new DirectoryStoreOptions(
        manifests, state, admission, kinds, grace, poll, remembered, clock, uids);
  }

  /** With other times. */
  public DirectoryStoreOptions withTimes(Duration newGrace, Duration newPoll) {
    return new DirectoryStoreOptions(
        manifests, state, admission, finalized, newGrace, newPoll, remembered, clock, uids);
  }

  /** With another length of the memory of changes. */
  public DirectoryStoreOptions withRemembered(int changes) {
    return new DirectoryStoreOptions(
        manifests, state, admission, finalized, grace, poll, changes, clock, uids);
  }
}
