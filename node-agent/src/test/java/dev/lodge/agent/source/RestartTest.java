package dev.lodge.agent.source;

import static dev.lodge.agent.source.StoreFixture.tree;
import static dev.lodge.agent.source.StoreFixture.vm;
import static dev.lodge.agent.source.StoreFixture.vmTree;
import static dev.lodge.agent.source.StoreFixture.vmYaml;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lodge.agent.store.FileProblem;
import dev.lodge.agent.store.StoreException;
import dev.lodge.agent.store.StoreException.Reason;
import dev.lodge.agent.store.StoredObject;
import dev.lodge.api.ResourceKind;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What an agent finds again, and what it makes of states that are damaged. */
class RestartTest {
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
  void allIsAsItWasAndNothingIsWritten() throws IOException {
    f.place("a.yaml", vmYaml("a", 1));
    StoredObject a = f.await("a", 1);
    f.store().writeStatus(a.key(), a.uid(), 0, tree("{\"epoch\": 3}"));
    f.store().create(vmTree("b", 2));
    StoredObject before = f.get("a");
    Object stamp = Files.getAttribute(record("a"), "unix:ino");

    f.reopen();

    assertThat(f.get("a")).isEqualTo(before);
    assertThat(f.get("b").ownFile()).isTrue();
    assertThat(f.store().problems()).isEmpty();
    assertThat(Files.getAttribute(record("a"), "unix:ino")).isEqualTo(stamp);
  }

  @Test
  void versionsNeverGoBack() {
    StoredObject a = f.store().create(vmTree("a", 1));
    f.store().delete(vm("a"));
    f.store().finish(vm("a"), a.uid());
    long before = f.store().list(ResourceKind.VirtualMachine).version();

    for (int i = 0; i < 3; i++) {
      f.reopen();
      long after = f.store().list(ResourceKind.VirtualMachine).version();
      assertThat(after).isGreaterThanOrEqualTo(before);
      before = f.store().create(vmTree("b" + i, 1)).resourceVersion();
      assertThat(before).isGreaterThan(after);
    }
  }

  @Test
  void versionsNeverGoBackEvenIfTheirCounterIsLost() throws IOException {
    long before = f.store().create(vmTree("a", 1)).resourceVersion();
    f.close();
    Files.writeString(f.state.resolve("objects/version"), "rubbish");

    f.open();

    assertThat(f.store().create(vmTree("b", 1)).resourceVersion()).isGreaterThan(before + 10_000);
  }

  @Test
  void whatHappenedInTheMeantimeIsSeenBeforeAnybodyActs() throws IOException {
    for (String name : List.of("kept", "removed", "changed", "renamed")) {
      f.place(name + ".yaml", vmYaml(name, 1));
      f.await(name, 1);
    }
    String renamed = f.get("renamed").uid();
    f.close();
    Files.delete(f.manifests.resolve("removed.yaml"));
    Files.writeString(f.manifests.resolve("changed.yaml"), vmYaml("changed", 2));
    Files.move(f.manifests.resolve("renamed.yaml"), f.manifests.resolve("other.yaml"));
    Files.writeString(f.manifests.resolve("new.yaml"), vmYaml("new", 1));

    f.open();

    assertThat(f.get("removed").deleting()).isTrue();
    assertThat(f.cpusOf("changed")).isEqualTo(2);
    assertThat(f.get("changed").generation()).isEqualTo(2);
    assertThat(f.get("renamed").uid()).isEqualTo(renamed);
    assertThat(f.fileOf("renamed")).isEqualTo("other.yaml");
    assertThat(f.get("kept").deleting()).isFalse();
    assertThat(f.cpusOf("new")).isEqualTo(1);
  }

  @Test
  void aTombstoneIsStillOneAfterARestart() throws IOException {
    f.place("a.yaml", vmYaml("a", 1));
    String uid = f.await("a", 1).uid();
    Files.delete(f.manifests.resolve("a.yaml"));
    f.until(() -> f.get("a").deleting(), "the deletion");
    f.close();
    f.place("a.yaml", vmYaml("a", 2));

    f.open();

    assertThat(f.get("a").deleting()).isTrue();
    assertThat(f.get("a").uid()).isEqualTo(uid);
    f.store().finish(vm("a"), uid);
    assertThat(f.get("a").uid()).isNotEqualTo(uid);
  }

  @Test
  void aFileBrokenWhileNobodyLookedKeepsItsObject() throws IOException {
    f.place("a.yaml", vmYaml("a", 1));
    StoredObject before = f.await("a", 1);
    f.close();
    Files.writeString(f.manifests.resolve("a.yaml"), "kind: [");

    f.open();

    assertThat(f.get("a")).isEqualTo(before);
    assertThat(f.problems()).contains("a.yaml");
  }

  @ParameterizedTest
  @ValueSource(strings = {"empty", "half", "changed", "rubbish", "another's", "directory"})
  void aDamagedStateReservesTheName(String how) throws IOException {
    f.place("a.yaml", vmYaml("a", 1));
    StoredObject before = f.await("a", 1);
    f.store().create(vmTree("other", 1));
    f.close();
    byte[] good = Files.readAllBytes(record("a"));
    byte[] bad =
        switch (how) {
          case "empty", "directory" -> new byte[0];
          case "half" -> Arrays.copyOf(good, good.length / 2);
          case "changed" ->
              new String(good, StandardCharsets.UTF_8)
                  .replace(before.uid(), "00000000-0000-0000-0000-000000000000")
                  .getBytes(StandardCharsets.UTF_8);
          case "another's" -> Files.readAllBytes(record("other"));
          default -> "rubbish".getBytes(StandardCharsets.UTF_8);
        };
    Files.delete(record("a"));
    if (how.equals("directory")) {
      Files.createDirectory(record("a"));
    } else {
      Files.write(record("a"), bad);
    }

    f.poll(Duration.ofMillis(100)).open();

    // No new UID, no start, and a word on what to do.
    assertThat(f.has("a")).isFalse();
    assertThat(f.has("other")).isTrue();
    FileProblem problem = f.store().problems().getFirst();
    assertThat(problem.file()).isEqualTo(record("a").toString());
    assertThat(problem.objects()).containsExactly(vm("a"));
    assertThat(problem.message()).contains("Put a good copy", "remove the file");
    assertThatThrownBy(() -> f.store().create(vmTree("a", 1)))
        .isInstanceOfSatisfying(
            StoreException.class, e -> assertThat(e.reason()).isEqualTo(Reason.Refused));

    // The first of the two mends.
    Files.delete(record("a"));
    Path copy = Files.write(f.outside("copy"), good);
    Files.move(copy, record("a"));
    f.until(() -> f.has("a"), "a");
    assertThat(f.get("a").uid()).isEqualTo(before.uid());
    f.awaitNoProblem();
  }

  @Test
  void aDamagedStateThatIsRemovedMakesTheObjectAnew() throws IOException {
    f.place("a.yaml", vmYaml("a", 1));
    StoredObject before = f.await("a", 1);
    f.close();
    Files.write(record("a"), new byte[10]);
    f.poll(Duration.ofMillis(100)).open();
    assertThat(f.has("a")).isFalse();

    Files.delete(record("a"));

    assertThat(f.await("a", 1).uid()).isNotEqualTo(before.uid());
    f.awaitNoProblem();
  }

  @Test
  void aSecondAgentOnTheStateIsRefused() {
    assertThatThrownBy(
            () ->
                DirectoryStore.open(
                    DirectoryStoreOptions.of(f.manifests, f.state, (k, c, e) -> List.of())))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("another agent (process " + ProcessHandle.current().pid() + ")")
        .hasMessageContaining("--state");
  }

  @Test
  void onlyTheOwnerSeesTheState() throws IOException {
    f.store().create(vmTree("a", 1));

    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(f.state)))
        .isEqualTo("rwx------");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(record("a"))))
        .isEqualTo("rw-------");
  }

  @Test
  void afterCloseNothingIsWritten() {
    StoredObject a = f.store().create(vmTree("a", 1));
    DirectoryStore closed = f.store();
    f.close();

    assertThatThrownBy(() -> closed.create(vmTree("b", 1))).isInstanceOf(StoreException.class);
    assertThat(closed.writeStatus(a.key(), a.uid(), 0, tree("{\"epoch\": 1}")))
        .isInstanceOf(dev.lodge.agent.store.StatusWrite.Failed.class);
  }

  @Test
  void aThousandObjectsAreThereSoon() throws IOException {
    f.close();
    for (int i = 0; i < 1000; i++) {
      Files.writeString(f.manifests.resolve("vm" + i + ".yaml"), vmYaml("vm" + i, 1 + i % 8));
    }

    long start = System.nanoTime();
    f.open();
    Duration first = Duration.ofNanos(System.nanoTime() - start);
    List<String> uids = uids();
    start = System.nanoTime();
    f.reopen();
    Duration again = Duration.ofNanos(System.nanoTime() - start);

    System.out.printf("1,000 VMs: first %d ms, again %d ms%n", first.toMillis(), again.toMillis());
    assertThat(uids).doesNotHaveDuplicates().hasSize(1000);
    assertThat(uids()).isEqualTo(uids);
    // Far above what it takes; a second reading of everything for each file would be above it.
    assertThat(first).isLessThan(Duration.ofSeconds(60));
    assertThat(again).isLessThan(Duration.ofSeconds(15));
  }

  private List<String> uids() {
    return IntStream.range(0, 1000)
        .mapToObj(i -> f.get("vm" + i).uid())
        .collect(Collectors.toList());
  }

  private Path record(String name) {
    return f.state.resolve("objects/virtualmachine/default~" + name + ".json");
  }
}
