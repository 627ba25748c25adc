package dev.lodge.agent.source;

import static dev.lodge.agent.source.StoreFixture.tree;
import static dev.lodge.agent.source.StoreFixture.vm;
import static dev.lodge.agent.source.StoreFixture.vmTree;
import static dev.lodge.agent.source.StoreFixture.vmYaml;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lodge.agent.store.FileProblem;
import dev.lodge.agent.store.NodeStore.Listing;
import dev.lodge.agent.store.NodeStore.Subscription;
import dev.lodge.agent.store.StatusWrite;
import dev.lodge.agent.store.StoreEvent;
import dev.lodge.agent.store.StoreException;
import dev.lodge.agent.store.StoreException.Reason;
import dev.lodge.agent.store.StoredObject;
import dev.lodge.api.ResourceKind;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Readers and writers at once: versions, watches, compare-and-swap. */
class WatchTest {
  private static final ResourceKind VM = ResourceKind.VirtualMachine;

  @TempDir Path base;
  private StoreFixture f;

  @BeforeEach
  void open() throws IOException {
    f = new StoreFixture(base);
    f.open();
  }

  @AfterEach
  void close() {
    f.close();
  }

  @Test
  void aListAndAWatchFromItsVersionAreTheWholeStory() throws InterruptedException {
    IntStream.range(0, 8).forEach(i -> f.store().create(vmTree("vm" + i, 1)));
    List<Thread> writers = new ArrayList<>();
    AtomicInteger applied = new AtomicInteger();
    for (int t = 0; t < 8; t++) {
      StoredObject o = f.get("vm" + t);
      writers.add(
          Thread.ofPlatform()
              .start(
                  () -> {
                    for (int i = 0; i < 60; i++) {
                      int epoch = i;
                      f.store().changeStatus(o.key(), o.uid(), s -> s.put("epoch", epoch));
                      applied.incrementAndGet();
                    }
                  }));
    }
    // In the middle of it: list, then watch.
    f.until(() -> applied.get() > 50, "some writes");
    Listing listing = f.store().list(VM);
    Map<String, StoredObject> seen = new LinkedHashMap<>();
    listing.items().forEach(o -> seen.put(o.name(), o));
    List<StoreEvent> events = Collections.synchronizedList(new ArrayList<>());
    f.store().watch(VM, listing.version(), events::add);
    for (Thread w : writers) {
      w.join();
    }

    f.until(
        () -> {
          synchronized (events) {
            events.forEach(e -> seen.put(e.object().name(), e.object()));
          }
          return seen.values().containsAll(f.store().list(VM).items());
        },
        "all changes");
    List<Long> versions = events.stream().map(e -> e.object().resourceVersion()).toList();
    assertThat(versions).isSorted().doesNotHaveDuplicates();
    assertThat(versions.getFirst()).isGreaterThan(listing.version());
    // Without gaps: every epoch of every VM after its listed one.
    for (StoredObject o : listing.items()) {
      int from = o.status().path("epoch").asInt(-1);
      assertThat(
              events.stream()
                  .filter(e -> e.object().name().equals(o.name()))
                  .map(e -> e.object().status().path("epoch").asInt()))
          .containsExactlyElementsOf(IntStream.range(from + 1, 60).boxed().toList());
    }
  }

  @Test
  void nobodysIncrementIsLost() throws InterruptedException {
    StoredObject a = f.store().create(vmTree("a", 1));
    List<Thread> writers = new ArrayList<>();
    for (int t = 0; t < 6; t++) {
      writers.add(
          Thread.ofPlatform()
              .start(
                  () -> {
                    for (int i = 0; i < 25; i++) {
                      f.store()
                          .changeStatus(a.key(), a.uid(), s -> s.put("n", s.path("n").asInt() + 1));
                    }
                  }));
    }
    for (Thread w : writers) {
      w.join();
    }

    assertThat(f.get("a").status().path("n").asInt()).isEqualTo(150);
    f.reopen();
    assertThat(f.get("a").status().path("n").asInt()).isEqualTo(150);
  }

  @Test
  void oneOfManyCreatesOfOneNameWins() throws InterruptedException {
    AtomicInteger made = new AtomicInteger();
    AtomicInteger refused = new AtomicInteger();
    List<Thread> writers = new ArrayList<>();
    for (int t = 0; t < 8; t++) {
      writers.add(
          Thread.ofPlatform()
              .start(
                  () -> {
                    try {
                      f.store().create(vmTree("a", 1));
                      made.incrementAndGet();
                    } catch (StoreException e) {
                      if (e.reason() == Reason.AlreadyExists) {
                        refused.incrementAndGet();
                      }
                    }
                  }));
    }
    for (Thread w : writers) {
      w.join();
    }

    assertThat(made).hasValue(1);
    assertThat(refused).hasValue(7);
  }

  @Test
  void tooOldAndNotYetAreExpired() throws IOException {
    f.close();
    f.remembered(5).open();
    StoredObject a = f.store().create(vmTree("a", 1));
    long from = f.store().list(VM).version();
    IntStream.range(0, 6)
        .forEach(i -> f.store().changeStatus(a.key(), a.uid(), s -> s.put("n", i)));

    for (long version : List.of(0L, from, Long.MAX_VALUE)) {
      assertThatThrownBy(() -> f.store().watch(VM, version, e -> {}))
          .isInstanceOfSatisfying(
              StoreException.class, e -> assertThat(e.reason()).isEqualTo(Reason.Expired));
    }
    List<StoreEvent> events = Collections.synchronizedList(new ArrayList<>());
    f.store().watch(VM, from + 1, events::add);
    f.until(() -> events.size() == 5, "five changes");
  }

  @Test
  void otherKindsAreNotTold() {
    List<StoreEvent> events = Collections.synchronizedList(new ArrayList<>());
    f.store().watch(ResourceKind.HostResource, f.store().list(VM).version(), events::add);

    f.store().create(vmTree("a", 1));
    f.store()
        .create(
            tree(
                """
                {"apiVersion": "lodge.dev/v1alpha1", "kind": "HostResource",
                 "metadata": {"name": "iso"}, "spec": {"type": "File", "path": "/srv/a.iso"}}
                """));

    f.until(() -> !events.isEmpty(), "a change");
    assertThat(events).extracting(e -> e.object().name()).containsExactly("iso");
  }

  @Test
  void aListenerThatThrowsHearsOfTheNext() {
    List<StoreEvent> events = Collections.synchronizedList(new ArrayList<>());
    f.store()
        .watch(
            VM,
            f.store().list(VM).version(),
            e -> {
              events.add(e);
              throw new IllegalStateException("a listener that is broken on purpose");
            });

    f.store().create(vmTree("a", 1));
    f.store().create(vmTree("b", 1));

    f.until(() -> events.size() == 2, "two changes");
  }

  @Test
  void aClosedWatchHearsNothing() {
    List<StoreEvent> closed = Collections.synchronizedList(new ArrayList<>());
    List<StoreEvent> open = f.changes();
    Subscription watch = f.store().watch(VM, f.store().list(VM).version(), closed::add);
    watch.close();

    f.store().create(vmTree("a", 1));

    f.until(() -> open.size() == 1, "a change");
    assertThat(closed).isEmpty();
  }

  @Test
  void problemsAreToldWhenTheyComeAndGo() {
    List<List<FileProblem>> told = Collections.synchronizedList(new ArrayList<>());
    f.store().onProblems(told::add);

    f.place("a.yaml", "kind: [");
    f.until(() -> told.size() == 2, "a problem");
    f.place("a.yaml", vmYaml("a", 1));
    f.until(() -> told.size() == 3, "its end");

    assertThat(told.get(0)).isEmpty();
    assertThat(told.get(1)).hasSize(1);
    assertThat(told.get(2)).isEmpty();
  }

  @Test
  void anInterruptedWriterHarmsNobody() {
    StoredObject a = f.store().create(vmTree("a", 1));

    Thread.currentThread().interrupt();
    StatusWrite result = f.store().writeStatus(a.key(), a.uid(), 0, tree("{\"epoch\": 1}"));

    assertThat(Thread.interrupted()).isTrue();
    assertThat(result).isInstanceOf(StatusWrite.Applied.class);
    assertThat(f.store().get(vm("a")).orElseThrow().status().path("epoch").asInt()).isEqualTo(1);
  }
}
