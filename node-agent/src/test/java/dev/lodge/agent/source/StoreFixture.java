package dev.lodge.agent.source;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lodge.agent.store.Admission;
import dev.lodge.agent.store.ObjectKey;
import dev.lodge.agent.store.StoreEvent;
import dev.lodge.agent.store.StoredObject;
import dev.lodge.api.ResourceKind;
import dev.lodge.manifest.LodgeJson;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** A store on two directories of a test, and the hands of a user in them. */
final class StoreFixture implements AutoCloseable {
  static final Duration GRACE = Duration.ofMillis(150);
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  final Path manifests;
  final Path state;
  private final Path outside;
  private Admission admission = (key, candidate, existing) -> List.of();
  private Duration poll = Duration.ofSeconds(60);
  private List<ResourceKind> finalized = List.of(ResourceKind.VirtualMachine);
  private int remembered = 4096;
  private @Nullable DirectoryStore store;

  StoreFixture(Path base) throws IOException {
    manifests = base.resolve("manifests");
    state = base.resolve("state");
    outside = base.resolve("outside");
    Files.createDirectories(manifests);
    Files.createDirectories(outside);
  }

  StoreFixture admission(Admission rules) {
    admission = rules;
    return this;
  }

  StoreFixture poll(Duration every) {
    poll = every;
    return this;
  }

  StoreFixture finalized(ResourceKind... kinds) {
    finalized = List.of(kinds);
    return this;
  }

  StoreFixture remembered(int changes) {
    remembered = changes;
    return this;
  }

  DirectoryStore open() {
    try {
      DirectoryStore opened =
          DirectoryStore.open(
              DirectoryStoreOptions.of(manifests, state, admission)
                  .withFinalized(finalized)
                  .withRemembered(remembered)
                  .withTimes(GRACE, poll));
      store = opened;
      return opened;
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  DirectoryStore store() {
    assertThat(store).as("the store is open").isNotNull();
    return store;
  }

  @Override
  public void close() {
    if (store != null) {
      store.close();
      store = null;
    }
  }

  DirectoryStore reopen() {
    close();
    return open();
  }

  /** Renames a file into the directory, as careful writers do. */
  Path place(String name, String text) {
    try {
      Path temporary = Files.writeString(outside.resolve("t"), text);
      return Files.move(temporary, manifests.resolve(name), StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * @param elsewhere the directory is on another file system: written in place
   */
  void place(String name, String text, boolean elsewhere) {
    try {
      Files.writeString(elsewhere ? manifests.resolve(name) : outside.resolve(name), text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  Path outside(String name) {
    return outside.resolve(name);
  }

  static ObjectKey vm(String name) {
    return new ObjectKey(ResourceKind.VirtualMachine, "default", name);
  }

  static String vmYaml(String name, int cpus) {
    return vmYaml(name, cpus, "");
  }

  /**
   * @param more further lines of the spec, indented by two
   */
  static String vmYaml(String name, int cpus, String more) {
    return """
        apiVersion: lodge.dev/v1alpha1
        kind: VirtualMachine
        metadata: {name: %s}
        spec:
          cpu: {count: %d}
          memory: {size: 2Mi}
        %s"""
        .formatted(name, cpus, more);
  }

  static ObjectNode vmTree(String name, int cpus) {
    return tree(
        """
        {"apiVersion": "lodge.dev/v1alpha1", "kind": "VirtualMachine",
         "metadata": {"name": "%s", "namespace": "default"},
         "spec": {"cpu": {"count": %d}, "memory": {"size": "2Mi"}}}
        """
            .formatted(name, cpus));
  }

  static ObjectNode tree(String json) {
    try {
      return (ObjectNode) LodgeJson.mapper().readTree(json);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(e);
    }
  }

  static int cpus(StoredObject vm) {
    return vm.spec().path("cpu").path("count").asInt();
  }

  StoredObject get(String name) {
    return store().get(vm(name)).orElseThrow(() -> new AssertionError("no VM " + name));
  }

  /** The name of the manifest that a VM came from. */
  String fileOf(String name) {
    return String.valueOf(f(get(name)));
  }

  /** The name of the manifest that an object came from; null if it has none. */
  static @Nullable String f(StoredObject o) {
    return o.file() == null ? null : Path.of(o.file()).getFileName().toString();
  }

  boolean has(String name) {
    return store().get(vm(name)).isPresent();
  }

  /** CPUs of a VM that is there; 0 if it is not. */
  int cpusOf(String name) {
    return store().get(vm(name)).map(StoreFixture::cpus).orElse(0);
  }

  List<String> names() {
    return store().list(ResourceKind.VirtualMachine).items().stream()
        .map(StoredObject::name)
        .toList();
  }

  String problems() {
    return store().problems().toString();
  }

  /** Collects the changes of VMs from now on. */
  List<StoreEvent> changes() {
    List<StoreEvent> changes = Collections.synchronizedList(new ArrayList<>());
    long version = store().list(ResourceKind.VirtualMachine).version();
    store().watch(ResourceKind.VirtualMachine, version, changes::add);
    return changes;
  }

  /** Waits until a listener has heard of all that is there. */
  void awaitTold(List<StoreEvent> changes) {
    long version = store().list(ResourceKind.VirtualMachine).version();
    until(
        () -> !changes.isEmpty() && changes.getLast().object().resourceVersion() >= version,
        "the last change to be told");
  }

  /** The changes of one VM. */
  static List<StoreEvent> of(List<StoreEvent> changes, String name) {
    synchronized (changes) {
      return changes.stream().filter(e -> e.object().name().equals(name)).toList();
    }
  }

  /** Waits until a VM with so many CPUs is there. */
  StoredObject await(String name, int cpus) {
    until(() -> cpusOf(name) == cpus, name + " with " + cpus + " CPUs");
    return get(name);
  }

  void awaitProblem(String part) {
    until(() -> problems().contains(part), "a problem with: " + part);
  }

  void awaitNoProblem() {
    until(() -> store().problems().isEmpty(), "no problem");
  }

  /** Lets everything that is in the kernel's queue by now be acted on. */
  void awaitAllSeen() {
    String marker = "marker" + System.nanoTime();
    place(marker + ".yaml", vmYaml(marker, 1));
    until(() -> has(marker), "the marker");
    store().delete(removed(marker + ".yaml", marker));
    until(() -> get(marker).deleting(), "the marker's end");
    store().finish(vm(marker), get(marker).uid());
  }

  private ObjectKey removed(String file, String name) {
    try {
      Files.delete(manifests.resolve(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return vm(name);
  }

  void until(BooleanSupplier condition, String what) {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > end) {
        throw new AssertionError(
            "waited in vain for " + what + "; there: " + names() + "; problems: " + problems());
      }
      Thread.onSpinWait();
      java.util.concurrent.locks.LockSupport.parkNanos(500_000);
    }
  }
}
