package dev.lodge.agent.apiserver;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lodge.agent.store.ObjectKey;
import dev.lodge.agent.store.StoredObject;
import dev.lodge.api.ResourceKind;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class EventLogTest {
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
  private static final ObjectKey VM = new ObjectKey(ResourceKind.VirtualMachine, "ns", "a");

  private final EventLog log = new EventLog(Clock.fixed(NOW, ZoneOffset.UTC));

  private List<ObjectNode> all() {
    return log.resource().list().items();
  }

  @Test
  void whatHappensAgainIsCounted() {
    for (int i = 0; i < 3; i++) {
      log.record(VM, "u", EventLog.Type.Warning, "NoImage", "debian is missing");
    }

    assertThat(all()).hasSize(1);
    ObjectNode event = all().getFirst();
    assertThat(event.path("count").asInt()).isEqualTo(3);
    assertThat(event.at("/involvedObject/uid").asText()).isEqualTo("u");
    assertThat(event.at("/metadata/namespace").asText()).isEqualTo("ns");
    assertThat(event.path("lastTimestamp").asText()).isEqualTo(NOW.toString());
  }

  @Test
  void oneNoisyObjectDoesNotPushOutTheOthers() {
    log.record(VM, "quiet", EventLog.Type.Normal, "Started", "x");
    for (int i = 0; i < 500; i++) {
      log.record(VM, "noisy", EventLog.Type.Normal, "Loop", "no " + i);
    }

    assertThat(all()).hasSize(26);
    assertThat(all().getFirst().path("reason").asText()).isEqualTo("Started");
    assertThat(all().getLast().path("message").asText()).isEqualTo("no 499");
  }

  @Test
  void allTogetherAreBoundedToo() {
    for (int i = 0; i < 3000; i++) {
      log.record(VM, "uid" + i, EventLog.Type.Normal, "Started", "x");
    }

    assertThat(all()).hasSize(1000);
  }

  @Test
  void whatAGuestOrFileBringsInIsOneLineWithoutControls() {
    log.record(VM, "u", EventLog.Type.Normal, "R", "a\u001b[31m\nb\u202e" + "x".repeat(5000));

    String message = all().getFirst().path("message").asText();

    assertThat(message).startsWith("a [31m b").hasSizeLessThanOrEqualTo(1024).endsWith("…");
    assertThat(message.chars()).noneMatch(Character::isISOControl);
  }

  @Test
  void theEventsOfWhatIsGoneAreForgotten() {
    log.record(VM, "u", EventLog.Type.Normal, "Started", "x");
    log.record(VM, "v", EventLog.Type.Normal, "Started", "x");

    log.forget("u");

    assertThat(all()).hasSize(1);
    assertThat(all().getFirst().at("/involvedObject/uid").asText()).isEqualTo("v");
  }

  @Test
  void theEventsOfAnObjectGoWithIt() throws Exception {
    var store = new InMemoryObjectStore();
    StoredObject gone = store.create(ApiHarness.vmTree("a"));
    StoredObject stays = store.create(ApiHarness.vmTree("b"));
    try (AutoCloseable following = log.follow(store)) {
      log.record(gone.key(), gone.uid(), EventLog.Type.Normal, "Started", "x");
      log.record(stays.key(), stays.uid(), EventLog.Type.Normal, "Started", "x");
      store.delete(gone.key());
      assertThat(all()).as("while it is being deleted").hasSize(2);

      store.finish(gone.key(), gone.uid());
    }

    assertThat(all()).hasSize(1);
    assertThat(all().getFirst().at("/involvedObject/uid").asText()).isEqualTo(stays.uid());
  }

  @Test
  void aWatchHasNoGapsAndEachChangeItsOwnVersion() throws Exception {
    long from = log.resource().list().version();
    log.record(VM, "u", EventLog.Type.Normal, "First", "x");
    List<Resource.Change> told = new ArrayList<>();
    try (AutoCloseable watch = log.resource().watch(from, told::add)) {
      for (int i = 0; i < 30; i++) {
        log.record(VM, "u", EventLog.Type.Normal, "More", "no " + i);
      }
    }
    log.record(VM, "u", EventLog.Type.Normal, "After", "x");

    // 31 that happened, and 6 that had to make room.
    assertThat(told).hasSize(37);
    assertThat(told.stream().map(Resource.Change::version)).doesNotHaveDuplicates().isSorted();
    assertThat(told.stream().map(Resource.Change::type)).contains("ADDED", "DELETED");
  }

  @Test
  void clusterScopedObjectsHaveTheirEventsInDefault() {
    log.record(
        new ObjectKey(ResourceKind.HostResource, "", "br0"),
        "u",
        EventLog.Type.Normal,
        "Seen",
        "x");

    assertThat(all().getFirst().at("/metadata/namespace").asText()).isEqualTo("default");
  }
}
