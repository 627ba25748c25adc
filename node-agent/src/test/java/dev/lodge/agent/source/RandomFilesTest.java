package dev.lodge.agent.source;

import static dev.lodge.agent.source.StoreFixture.vmYaml;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lodge.agent.store.StoredObject;
import dev.lodge.api.ResourceKind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Many quick changes of real files: when they end, the store is what the files say. */
class RandomFilesTest {
  @TempDir Path base;
  private StoreFixture f;
  private final AtomicBoolean held = new AtomicBoolean();
  private final CountDownLatch reached = new CountDownLatch(1);
  private final CountDownLatch release = new CountDownLatch(1);

  @BeforeEach
  void open() throws IOException {
    f =
        new StoreFixture(base)
            .admission(
                (key, candidate, existing) -> {
                  hold();
                  return List.of();
                });
    f.open();
  }

  @AfterEach
  void close() {
    release.countDown();
    f.close();
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void theStoreEndsAsTheFilesDo(long seed) throws IOException {
    Random random = new Random(seed);
    Map<String, Integer> model = new TreeMap<>();
    Path m = f.manifests;
    for (int i = 0; i < 400; i++) {
      // Each object has two files that may hold it, but never both at once.
      String name = "vm" + random.nextInt(12);
      Path one = m.resolve(name + ".yaml");
      Path two = m.resolve("z-" + name + ".yaml");
      int cpus = 1 + random.nextInt(16);
      boolean there = model.containsKey(name);
      Path at = Files.exists(two) ? two : one;
      switch (random.nextInt(7)) {
        case 0, 1 -> {
          f.place(at.getFileName().toString(), vmYaml(name, cpus));
          model.put(name, cpus);
        }
        case 2 -> {
          Files.writeString(at, vmYaml(name, cpus));
          model.put(name, cpus);
        }
        case 3 -> {
          if (there) {
            Files.delete(at);
            model.remove(name);
          }
        }
        case 4 -> {
          if (there) {
            Files.move(at, at.equals(one) ? two : one, StandardCopyOption.ATOMIC_MOVE);
          }
        }
        case 5 -> {
          if (there) {
            // Torn, then whole.
            Files.writeString(at, vmYaml(name, cpus).substring(0, 40 + random.nextInt(40)));
            Files.writeString(at, vmYaml(name, cpus));
            model.put(name, cpus);
          }
        }
        default -> Thread.onSpinWait();
      }
    }

    f.until(settledAs(model), "what the files say: " + model);
    f.awaitAllSeen();
    assertThat(settledAs(model).getAsBoolean()).isTrue();
    f.awaitNoProblem();
    Map<String, String> uids = new TreeMap<>();
    f.store().list(ResourceKind.VirtualMachine).items().forEach(o -> uids.put(o.name(), o.uid()));
    f.reopen();
    uids.forEach((name, uid) -> assertThat(f.get(name).uid()).isEqualTo(uid));
    assertThat(settledAs(model).getAsBoolean()).isTrue();
  }

  @Test
  void eventsThatTheKernelDroppedAreMadeUpFor() throws Exception {
    f.place("a.yaml", vmYaml("a", 1));
    f.place("b.yaml", vmYaml("b", 1));
    f.await("a", 1);
    f.await("b", 1);
    int most =
        Integer.parseInt(
            Files.readString(Path.of("/proc/sys/fs/inotify/max_queued_events")).strip());

    // The store's thread is held up while more happens than the kernel remembers.
    held.set(true);
    f.place("hold.yaml", vmYaml("hold", 1));
    assertThat(reached.await(20, TimeUnit.SECONDS)).isTrue();
    Path x = Files.createFile(f.manifests.resolve("x.txt"));
    Path y = f.manifests.resolve("y.txt");
    for (int i = 0; i < most / 4 + 10; i++) {
      Files.move(x, y);
      Files.move(y, x);
    }
    f.place("a.yaml", vmYaml("a", 7));
    f.place("c.yaml", vmYaml("c", 1));
    Files.delete(f.manifests.resolve("b.yaml"));
    release.countDown();

    f.await("a", 7);
    f.await("c", 1);
    f.until(() -> f.get("b").deleting(), "the deletion of b");
  }

  private BooleanSupplier settledAs(Map<String, Integer> model) {
    return () -> {
      for (StoredObject o : f.store().list(ResourceKind.VirtualMachine).items()) {
        if (o.deleting()) {
          f.store().finish(o.key(), o.uid());
        }
      }
      Map<String, Integer> there = new TreeMap<>();
      for (StoredObject o : f.store().list(ResourceKind.VirtualMachine).items()) {
        there.put(o.name(), f.cpusOf(o.name()));
      }
      return there.equals(model);
    };
  }

  private void hold() {
    if (held.compareAndSet(true, false)) {
      reached.countDown();
      try {
        assertThat(release.await(20, TimeUnit.SECONDS)).isTrue();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
