package dev.lodge.agent.kube;

import static dev.lodge.agent.kube.RealApi.await;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lodge.agent.store.NodeStore.Live;
import dev.lodge.agent.store.ObjectKey;
import dev.lodge.agent.store.StatusWrite;
import dev.lodge.agent.store.StoreEvent;
import dev.lodge.agent.store.StoredObject;
import dev.lodge.api.ResourceKind;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The store against a real API server, over a line that breaks. */
class ClusterStoreIT {
  private static final AtomicInteger COUNT = new AtomicInteger();
  private static @Nullable RealApi api;

  private final List<StoreEvent> events = new CopyOnWriteArrayList<>();
  private String name = "";
  private ObjectKey key = new ObjectKey(ResourceKind.VirtualMachine, "default", "");
  private KubeApi client;
  private ClusterStore store;

  @BeforeAll
  static void startServer(@TempDir Path directory) throws Exception {
    api = RealApi.start(directory.resolve("server"));
  }

  @AfterAll
  static void stopServer() throws Exception {
    if (api != null) {
      api.close();
    }
  }

  @BeforeEach
  void follow() throws Exception {
    name = "vm-" + COUNT.incrementAndGet();
    key = new ObjectKey(ResourceKind.VirtualMachine, "default", name);
    api.create(
        """
        {"kind":"VirtualMachine","metadata":{"name":"%s","namespace":"default"},
         "spec":{"cpu":{"count":1},"memory":{"size":"64Mi"}}}
        """
            .formatted(name));
    client = api.agent();
    store =
        new ClusterStore(
            client,
            "n1",
            new Reflector.Times(
                Duration.ofSeconds(5),
                Duration.ofSeconds(3),
                Duration.ofMillis(50),
                Duration.ofMillis(500)));
    store.watch(ResourceKind.VirtualMachine, 0, events::add);
    store.start();
    await(store::complete);
  }

  @AfterEach
  void end() throws Exception {
    api.line.mend();
    store.close();
    client.close();
    api.delete(ResourceKind.VirtualMachine, "default", name);
    events.clear();
  }

  private void operator(java.util.function.Consumer<ObjectNode> change) {
    api.status(ResourceKind.VirtualMachine, "default", name, change);
  }

  private void give() throws InterruptedException {
    operator(s -> s.put("nodeName", "n1").put("epoch", 1));
    await(() -> store.get(key).isPresent());
  }

  private long events(StoreEvent.Type type) {
    return events.stream().filter(e -> e.type() == type && e.object().name().equals(name)).count();
  }

  private StoredObject live() {
    return ((Live.Found) store.read(key)).object();
  }

  @Test
  void only_vms_of_this_node_are_known() throws Exception {
    // Given
    assertThat(store.get(key)).isEmpty();

    // When
    give();

    // Then
    await(() -> events(StoreEvent.Type.ADDED) == 1);
    assertThat(store.list(ResourceKind.VirtualMachine).items()).hasSize(1);
  }

  @Test
  void a_vm_that_migrates_to_this_node_is_known_too() throws Exception {
    operator(
        s ->
            s.put("nodeName", "n2").put("epoch", 1).putObject("migration").put("targetNode", "n1"));

    await(() -> store.get(key).isPresent());
  }

  @Test
  void a_vm_that_leaves_the_selection_is_no_vm_that_is_gone() throws Exception {
    // Given
    give();

    // When
    operator(s -> s.put("nodeName", "n2").put("epoch", 2));

    // Then
    await(() -> events(StoreEvent.Type.DELETED) == 1);
    assertThat(store.get(key)).isEmpty();
    assertThat(live().status().path("nodeName").asText()).isEqualTo("n2");
  }

  @Test
  void what_changed_while_the_line_was_down_comes_with_it() throws Exception {
    // Given
    give();
    api.line.takeDown();
    operator(s -> s.put("phase", "Starting"));
    assertThat(store.read(key)).isInstanceOf(Live.Unreachable.class);
    assertThat(store.get(key)).isPresent();

    // When
    api.line.mend();

    // Then
    await(
        () ->
            store
                .get(key)
                .map(o -> o.status().path("phase").asText())
                .orElse("")
                .equals("Starting"));
    assertThat(events(StoreEvent.Type.DELETED)).isZero();
  }

  @Test
  void a_cut_watch_is_made_again_and_nothing_is_told_twice() throws Exception {
    // Given
    give();
    for (int i = 0; i < 5; i++) {
      api.line.cut();
      String phase = "P" + i;

      // When
      operator(s -> s.put("phase", phase));

      // Then
      await(
          () ->
              store.get(key).map(o -> o.status().path("phase").asText()).orElse("").equals(phase));
    }
    List<Long> versions =
        events.stream()
            .filter(e -> e.object().name().equals(name))
            .map(e -> e.object().resourceVersion())
            .toList();
    assertThat(versions).isSorted().doesNotHaveDuplicates();
  }

  @Test
  void a_write_on_an_older_version_is_a_conflict() throws Exception {
    // Given
    give();
    StoredObject before = live();
    operator(s -> s.put("phase", "Scheduling"));

    // When
    StatusWrite written =
        store.writeStatus(
            key, before.uid(), before.resourceVersion(), ((ObjectNode) before.status()).deepCopy());

    // Then
    assertThat(written).isInstanceOf(StatusWrite.Conflict.class);
  }

  @Test
  void a_write_to_another_object_of_the_name_is_none() throws Exception {
    give();
    StoredObject before = live();

    StatusWrite written = store.changeStatus(key, "another", s -> s.put("phase", "Running"));

    assertThat(written).isInstanceOf(StatusWrite.Gone.class);
    assertThat(live().resourceVersion()).isEqualTo(before.resourceVersion());
  }

  @Test
  void a_change_keeps_what_others_wrote_in_between() throws Exception {
    // Given
    give();
    String uid = live().uid();
    AtomicInteger runs = new AtomicInteger();

    // When
    StatusWrite written =
        store.changeStatus(
            key,
            uid,
            s -> {
              if (runs.incrementAndGet() == 1) {
                operator(o -> o.put("startedAt", "by another"));
              }
              return s.put("phase", "Running");
            });

    // Then
    assertThat(written).isInstanceOf(StatusWrite.Applied.class);
    assertThat(runs.get()).isEqualTo(2);
    assertThat(live().status().path("startedAt").asText()).isEqualTo("by another");
  }

  @Test
  void no_change_writes_nothing() throws Exception {
    give();
    StoredObject before = live();

    StatusWrite written = store.changeStatus(key, before.uid(), s -> s.put("epoch", 1L));

    assertThat(written).isInstanceOf(StatusWrite.Applied.class);
    assertThat(live().resourceVersion()).isEqualTo(before.resourceVersion());
  }

  @Test
  void an_own_write_wakes_nobody_and_is_known_at_once() throws Exception {
    // Given
    give();
    await(() -> events(StoreEvent.Type.ADDED) == 1);

    // When
    store.changeStatus(key, live().uid(), s -> s.put("phase", "Running"));

    // Then
    assertThat(store.get(key).orElseThrow().status().path("phase").asText()).isEqualTo("Running");
    operator(s -> s.put("startedAt", "later"));
    await(() -> events(StoreEvent.Type.MODIFIED) == 1);
    assertThat(events.getLast().object().status().path("startedAt").asText()).isEqualTo("later");
  }

  @Test
  void a_write_whose_answer_is_lost_is_unknown_and_not_repeated() throws Exception {
    // Given
    give();
    StoredObject before = live();
    api.line.loseAnswers();

    // When
    StatusWrite written =
        store.writeStatus(
            key,
            before.uid(),
            before.resourceVersion(),
            ((ObjectNode) before.status()).deepCopy().put("claimNonce", "mine"));

    // Then
    assertThat(written).isInstanceOf(StatusWrite.Unknown.class);
    api.line.mend();
    StoredObject after = live();
    assertThat(after.status().path("claimNonce").asText()).isEqualTo("mine");
    assertThat(after.tree().at("/metadata/uid").asText()).isEqualTo(before.uid());
  }

  @Test
  void an_object_that_is_gone_is_absent_and_a_kind_that_is_unknown_is_not() throws Exception {
    assertThat(store.read(new ObjectKey(ResourceKind.VirtualMachine, "default", "none")))
        .isInstanceOf(Live.Absent.class);
    assertThat(client.get("/apis/lodge.dev/v1alpha1/namespaces/default/nothings/" + name))
        .isInstanceOfSatisfying(Answer.Refused.class, r -> assertThat(r.name()).isNotEqualTo(name));
  }
}
