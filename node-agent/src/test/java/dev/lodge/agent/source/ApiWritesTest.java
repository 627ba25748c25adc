package dev.lodge.agent.source;

import static dev.lodge.agent.source.StoreFixture.tree;
import static dev.lodge.agent.source.StoreFixture.vm;
import static dev.lodge.agent.source.StoreFixture.vmTree;
import static dev.lodge.agent.source.StoreFixture.vmYaml;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lodge.agent.store.Admission;
import dev.lodge.agent.store.FileProblem;
import dev.lodge.agent.store.ObjectKey;
import dev.lodge.agent.store.StatusWrite;
import dev.lodge.agent.store.StoreEvent;
import dev.lodge.agent.store.StoreException;
import dev.lodge.agent.store.StoreException.Reason;
import dev.lodge.agent.store.StoredObject;
import dev.lodge.api.ResourceKind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What comes through the API, and how it goes together with files made by hand. */
class ApiWritesTest {
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
  void createWritesAFileOfItsOwn() throws IOException {
    StoredObject a = f.store().create(vmTree("a", 2));

    assertThat(f.get("a")).isEqualTo(a);
    assertThat(a.ownFile()).isTrue();
    assertThat(StoreFixture.f(a)).isEqualTo("virtualmachine-default-a.yaml");
    Path file = f.manifests.resolve(a.file());
    assertThat(Files.readString(file))
        .startsWith("# Written by Lodge")
        .contains("apiVersion: lodge.dev/v1alpha1\nkind: VirtualMachine\n")
        .contains("  name: a\n");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
  }

  @Test
  void theEventOfOnesOwnWriteChangesNothing() {
    List<StoreEvent> changes = f.changes();

    StoredObject a = f.store().create(vmTree("a", 2));
    f.awaitAllSeen();

    assertThat(f.get("a")).isEqualTo(a);
    f.awaitTold(changes);
    assertThat(StoreFixture.of(changes, "a")).hasSize(1);
  }

  @Test
  void createTwiceIsRefused() {
    f.store().create(vmTree("a", 1));

    refused(Reason.AlreadyExists, () -> f.store().create(vmTree("a", 1)));
  }

  @Test
  void createOfWhatIsBeingDeletedIsRefused() {
    f.store().create(vmTree("a", 1));
    f.store().delete(vm("a"));

    refused(Reason.AlreadyExists, () -> f.store().create(vmTree("a", 1)));
  }

  @Test
  void namesThatMakeTheSameFileNameGetTwoFiles() {
    ObjectNode one = vmTree("c", 1);
    one.withObjectProperty("metadata").put("namespace", "a-b");
    ObjectNode two = vmTree("b-c", 1);
    two.withObjectProperty("metadata").put("namespace", "a");

    StoredObject first = f.store().create(one);
    StoredObject second = f.store().create(two);

    assertThat(StoreFixture.f(first)).isEqualTo("virtualmachine-a-b-c.yaml");
    assertThat(StoreFixture.f(second))
        .startsWith("virtualmachine-a-b-c-")
        .isNotEqualTo(StoreFixture.f(first));
    assertThat(second.ownFile()).isTrue();
    f.reopen();
    assertThat(f.store().get(first.key()).orElseThrow().uid()).isEqualTo(first.uid());
    assertThat(f.store().get(second.key()).orElseThrow().uid()).isEqualTo(second.uid());
  }

  @Test
  void clusterScopedKindsHaveNoNamespaceInTheName() {
    StoredObject r =
        f.store()
            .create(
                tree(
                    """
                    {"apiVersion": "lodge.dev/v1alpha1", "kind": "HostResource",
                     "metadata": {"name": "iso"},
                     "spec": {"type": "File", "path": "/srv/a.iso"}}
                    """));

    assertThat(StoreFixture.f(r)).isEqualTo("hostresource-iso.yaml");
    assertThat(r.tree().path("metadata").has("finalizers")).isFalse();

    StoredObject gone = f.store().delete(r.key());
    assertThat(gone.deleting()).isTrue();
    assertThat(f.store().get(r.key())).isEmpty();
    assertThat(f.manifests.resolve("hostresource-iso.yaml")).doesNotExist();
  }

  @Test
  void whateverAUserWritesCanBeReadAgain() {
    List<String> values =
        List.of(
            "yes",
            "null",
            "1e3",
            "0x1f",
            "2026-01-01",
            "~",
            "",
            " a ",
            "a: b",
            "- x",
            "#c",
            "é✓\uD83D\uDE00",
            "#cloud-config\nusers:\n  - name: a\n\n  trailing: 'x'  \n\ttab\n",
            "\n\nlines\n\n\n",
            "a\r\nb\r\n",
            "'\"\\",
            "%a",
            "@b",
            "`c`",
            "{d}",
            "[e]",
            "!f",
            "&g",
            "*h",
            "|",
            ">");
    for (int i = 0; i < values.size(); i++) {
      ObjectNode m = vmTree("v" + i, 1);
      m.withObjectProperty("metadata").withObjectProperty("annotations").put("x", values.get(i));
      m.withObjectProperty("spec").withObjectProperty("cloudInit").put("userData", values.get(i));

      StoredObject made = f.store().create(m);

      assertThat(made.spec()).isEqualTo(m.path("spec"));
      assertThat(made.tree().at("/metadata/annotations/x").asText()).isEqualTo(values.get(i));
    }
    f.awaitAllSeen();
    // What cloud-init will not like is a warning; nothing is wrong with the files.
    assertThat(f.store().problems()).noneMatch(p -> p.severity() == FileProblem.Severity.ERROR);
  }

  @Test
  void replaceRewritesTheFileAndRaisesTheGeneration() throws IOException {
    StoredObject before = f.store().create(vmTree("a", 1));

    StoredObject after = f.store().replace(vmTree("a", 4), before.resourceVersion());

    assertThat(StoreFixture.cpus(after)).isEqualTo(4);
    assertThat(after.generation()).isEqualTo(2);
    assertThat(after.uid()).isEqualTo(before.uid());
    assertThat(Files.readString(f.manifests.resolve(after.file()))).contains("count: 4");
  }

  @Test
  void labelsAloneKeepTheGeneration() {
    StoredObject before = f.store().create(vmTree("a", 1));
    ObjectNode labelled = vmTree("a", 1);
    labelled.withObjectProperty("metadata").withObjectProperty("labels").put("tier", "web");

    StoredObject after = f.store().replace(labelled, before.resourceVersion());

    assertThat(after.tree().at("/metadata/labels/tier").asText()).isEqualTo("web");
    assertThat(after.generation()).isEqualTo(1);
    assertThat(after.resourceVersion()).isGreaterThan(before.resourceVersion());
  }

  @Test
  void replaceByTheSameChangesNothing() throws IOException {
    StoredObject before = f.store().create(vmTree("a", 1));
    Object stamp = Files.getAttribute(f.manifests.resolve(before.file()), "unix:ino");

    // As a client sends back what it read, with all that the store set.
    StoredObject after = f.store().replace(before.tree().deepCopy(), before.resourceVersion());

    assertThat(after).isEqualTo(before);
    assertThat(Files.getAttribute(f.manifests.resolve(before.file()), "unix:ino")).isEqualTo(stamp);
  }

  @Test
  void replaceOfAnOldVersionIsAConflict() {
    StoredObject before = f.store().create(vmTree("a", 1));
    f.store().replace(vmTree("a", 2), before.resourceVersion());

    refused(Reason.Conflict, () -> f.store().replace(vmTree("a", 3), before.resourceVersion()));
    assertThat(f.cpusOf("a")).isEqualTo(2);
  }

  @Test
  void replaceOfNothingAndOfWhatIsBeingDeletedIsRefused() {
    refused(Reason.NotFound, () -> f.store().replace(vmTree("a", 1), 0));
    f.store().create(vmTree("a", 1));
    f.store().delete(vm("a"));
    refused(Reason.Refused, () -> f.store().replace(vmTree("a", 2), 0));
  }

  @Test
  void anOwnFileEditedByHandIsFollowedAndStillOwn() throws IOException {
    StoredObject a = f.store().create(vmTree("a", 1));
    Path file = f.manifests.resolve(a.file());

    Files.writeString(file, Files.readString(file).replace("count: 1", "count: 3"));

    assertThat(f.await("a", 3).ownFile()).isTrue();
    assertThat(StoreFixture.cpus(f.store().replace(vmTree("a", 5), 0))).isEqualTo(5);
  }

  @Test
  void anOwnFileThatIsRenamedBelongsToTheUser() throws IOException {
    StoredObject a = f.store().create(vmTree("a", 1));

    Files.move(f.manifests.resolve(a.file()), f.manifests.resolve("mine.yaml"));

    f.until(() -> !f.get("a").ownFile(), "a by hand");
    refused(Reason.Refused, () -> f.store().replace(vmTree("a", 2), 0));
  }

  @Test
  void deleteRemovesTheFileAndLeavesATombstone() {
    StoredObject a = f.store().create(vmTree("a", 1));

    StoredObject deleting = f.store().delete(vm("a"));

    assertThat(deleting.deleting()).isTrue();
    assertThat(deleting.uid()).isEqualTo(a.uid());
    assertThat(f.manifests.resolve("virtualmachine-default-a.yaml")).doesNotExist();
    assertThat(f.store().delete(vm("a"))).isEqualTo(deleting);
    f.store().finish(vm("a"), a.uid());
    refused(Reason.NotFound, () -> f.store().delete(vm("a")));
    assertThat(f.store().create(vmTree("a", 1)).uid()).isNotEqualTo(a.uid());
  }

  @Test
  void filesByHandAreNeverRewritten() throws IOException {
    String text = "# precious comment\n" + vmYaml("a", 1);
    f.place("a.yaml", text);
    f.await("a", 1);

    refused(Reason.Refused, () -> f.store().replace(vmTree("a", 2), 0), "edit", "a.yaml");
    refused(Reason.Refused, () -> f.store().delete(vm("a")), "remove", "a.yaml");
    f.store().overridePowerState(vm("a"), "PoweredOff");

    assertThat(Files.readString(f.manifests.resolve("a.yaml"))).isEqualTo(text);
  }

  @Test
  void aStopOfAFileByHandIsKeptUntilItsPowerStateChanges() {
    f.place("a.yaml", vmYaml("a", 1, "  powerState: PoweredOn\n"));
    StoredObject before = f.await("a", 1);

    StoredObject stopped = f.store().overridePowerState(vm("a"), "PoweredOff");

    assertThat(power(stopped)).isEqualTo("PoweredOff");
    assertThat(stopped.generation()).isEqualTo(before.generation() + 1);
    // Something else changes, also over a restart: the stop stays.
    f.reopen();
    f.place("a.yaml", vmYaml("a", 2, "  powerState: PoweredOn\n"));
    assertThat(power(f.await("a", 2))).isEqualTo("PoweredOff");
    // The file's power state changes: that counts.
    f.place("a.yaml", vmYaml("a", 3, "  powerState: PoweredOff\n"));
    f.await("a", 3);
    f.place("a.yaml", vmYaml("a", 4, "  powerState: PoweredOn\n"));
    assertThat(power(f.await("a", 4))).isEqualTo("PoweredOn");
  }

  @Test
  void aStartThatTheFileSaysAnywayIsNoRequest() {
    f.place("a.yaml", vmYaml("a", 1));
    StoredObject before = f.await("a", 1);

    f.store().overridePowerState(vm("a"), "PoweredOff");
    StoredObject again = f.store().overridePowerState(vm("a"), "PoweredOn");

    assertThat(again.spec()).isEqualTo(before.spec());
    assertThat(f.store().overridePowerState(vm("a"), "PoweredOn")).isEqualTo(again);
  }

  @Test
  void replaceThatOnlyStopsAFileByHandIsARequest() {
    f.place("a.yaml", vmYaml("a", 1));
    StoredObject before = f.await("a", 1);
    ObjectNode stop = before.tree().deepCopy();
    stop.withObjectProperty("spec").put("powerState", "PoweredOff");

    assertThat(power(f.store().replace(stop, before.resourceVersion()))).isEqualTo("PoweredOff");
  }

  @Test
  void aStopOfAnOwnFileIsWrittenThere() throws IOException {
    f.store().create(vmTree("a", 1));

    StoredObject stopped = f.store().overridePowerState(vm("a"), "PoweredOff");

    assertThat(power(stopped)).isEqualTo("PoweredOff");
    assertThat(Files.readString(f.manifests.resolve(stopped.file())))
        .contains("powerState: PoweredOff");
  }

  @Test
  void aFileOfThatNameByHandIsNotOverwritten() throws IOException {
    Path file = f.manifests.resolve("virtualmachine-default-a.yaml");
    Files.writeString(file, "# mine\n" + vmYaml("other", 1));
    f.await("other", 1);

    StoredObject a = f.store().create(vmTree("a", 1));

    assertThat(StoreFixture.f(a)).isNotEqualTo(file.getFileName().toString());
    assertThat(Files.readString(file)).startsWith("# mine");
  }

  @Test
  void statusIsComparedAndSwapped() {
    StoredObject a = f.store().create(vmTree("a", 1));
    ObjectNode status = tree("{\"phase\": \"Running\", \"epoch\": 1}");

    StatusWrite first = f.store().writeStatus(a.key(), a.uid(), a.resourceVersion(), status);

    StoredObject written = ((StatusWrite.Applied) first).object();
    assertThat(written.generation()).isEqualTo(a.generation());
    assertThat(written.status()).isEqualTo(status);
    assertThat(f.store().writeStatus(a.key(), a.uid(), a.resourceVersion(), status))
        .isEqualTo(new StatusWrite.Conflict());
    assertThat(f.store().writeStatus(a.key(), "another", 0, status))
        .isEqualTo(new StatusWrite.Gone());
    assertThat(f.store().writeStatus(vm("b"), a.uid(), 0, status))
        .isEqualTo(new StatusWrite.Gone());
  }

  @Test
  void aStatusThatIsTheSameIsNotWritten() throws IOException {
    StoredObject a = f.store().create(vmTree("a", 1));
    f.store().writeStatus(a.key(), a.uid(), 0, tree("{\"epoch\": 1}"));
    StoredObject before = f.reopen().get(a.key()).orElseThrow();
    Path record = f.state.resolve("objects/virtualmachine/default~a.json");
    Object stamp = Files.getAttribute(record, "unix:ino");

    // As a record is turned into a tree: with longs where a parser makes ints.
    ObjectNode same = tree("{}").put("epoch", 1L);
    StatusWrite result = f.store().writeStatus(a.key(), a.uid(), before.resourceVersion(), same);

    assertThat(result).isEqualTo(new StatusWrite.Applied(before));
    assertThat(Files.getAttribute(record, "unix:ino")).isEqualTo(stamp);
  }

  @Test
  void aStatusSurvivesAChangeOfTheManifest() {
    f.place("a.yaml", vmYaml("a", 1));
    StoredObject a = f.await("a", 1);
    f.store().writeStatus(a.key(), a.uid(), 0, tree("{\"epoch\": 7}"));

    f.place("a.yaml", vmYaml("a", 2));

    assertThat(f.await("a", 2).status().path("epoch").asInt()).isEqualTo(7);
  }

  @Test
  void admissionHoldsForFilesAndForTheApi() throws IOException {
    f.close();
    // No two VMs with the same number of CPUs.
    f.admission(
            (key, candidate, existing) ->
                existing.stream()
                    .filter(o -> !o.key().equals(key))
                    .filter(o -> o.spec().path("cpu").equals(candidate.path("spec").path("cpu")))
                    .map(o -> new Admission.Problem("spec.cpu", "is that of " + o.name()))
                    .toList())
        .open();
    f.store().create(vmTree("a", 1));

    assertThatThrownBy(() -> f.store().create(vmTree("b", 1)))
        .isInstanceOfSatisfying(
            StoreException.class,
            e -> {
              assertThat(e.reason()).isEqualTo(Reason.Invalid);
              assertThat(e.problems())
                  .containsExactly(new Admission.Problem("spec.cpu", "is that of a"));
            });
    try (Stream<Path> files = Files.list(f.manifests)) {
      assertThat(files).hasSize(1);
    }
    f.place("c.yaml", vmYaml("c", 1));
    f.awaitProblem("spec.cpu: is that of a");
    assertThat(f.has("c")).isFalse();

    // What was in the way moves: the file is taken in without being touched.
    f.store().replace(vmTree("a", 2), 0);
    f.await("c", 1);
    f.awaitNoProblem();
  }

  @Test
  void aTrialRefusesWhatTheWriteWouldAndWritesNothing() throws IOException {
    f.close();
    f.admission(
            (key, candidate, existing) ->
                candidate.path("spec").path("cpu").path("count").asInt() > 4
                    ? List.of(new Admission.Problem("spec.cpu", "too many beside the others"))
                    : List.of())
        .open();
    f.store().create(vmTree("a", 1));
    f.place("hand.yaml", vmYaml("hand", 1));
    f.await("hand", 1);

    f.store().tryOut(vmTree("b", 2));
    f.store().tryOut(vmTree("a", 2));

    assertThat(f.names()).containsExactlyInAnyOrder("a", "hand");
    assertThat(f.cpusOf("a")).isEqualTo(1);
    assertThatThrownBy(() -> f.store().tryOut(vmTree("b", 8)))
        .hasMessageContaining("too many beside the others");
    assertThatThrownBy(() -> f.store().tryOut(vmTree("a", 8)))
        .hasMessageContaining("too many beside the others");
    assertThatThrownBy(() -> f.store().tryOut(vmTree("hand", 2))).hasMessageContaining("edit ");
    try (Stream<Path> files = Files.list(f.manifests)) {
      assertThat(files).hasSize(2);
    }
  }

  @Test
  void leftOversOfAKilledWriterAreRemoved() throws IOException {
    f.store().create(vmTree("a", 1));
    f.close();
    Path one = Files.writeString(f.manifests.resolve(".lodge-tmp-x.yaml"), "half");
    Path two =
        Files.writeString(f.state.resolve("objects/virtualmachine/.lodge-tmp-x.json"), "half");

    f.open();

    assertThat(one).doesNotExist();
    assertThat(two).doesNotExist();
    assertThat(f.has("a")).isTrue();
  }

  @Test
  void aDiskThatIsFullChangesNothing() throws Exception {
    f.close();
    Files.createDirectories(f.state);
    int code =
        new ProcessBuilder("mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", f.state.toString())
            .start()
            .waitFor();
    Assumptions.assumeTrue(code == 0, "this user mounts nothing");
    try {
      f.open();
      StoredObject a = f.store().create(vmTree("a", 1));
      Path ballast = f.state.resolve("ballast");
      fill(ballast);

      assertThatThrownBy(() -> f.store().create(vmTree("b", 1)))
          .isInstanceOfSatisfying(
              StoreException.class, e -> assertThat(e.reason()).isEqualTo(Reason.Unwritable))
          .hasMessageContaining("No space left");
      assertThat(f.store().writeStatus(a.key(), a.uid(), 0, tree("{\"epoch\": 1}")))
          .isInstanceOf(StatusWrite.Failed.class);
      assertThatThrownBy(() -> f.store().replace(vmTree("a", 2), 0))
          .isInstanceOf(StoreException.class);
      assertThat(f.get("a")).isEqualTo(a);
      assertThat(f.manifests.resolve("virtualmachine-default-b.yaml")).doesNotExist();
      assertThat(Files.readString(f.manifests.resolve(a.file()))).contains("count: 1");
      // A file by hand waits until there is room.
      f.place("c.yaml", vmYaml("c", 1));
      f.awaitProblem("changed manifests wait");
      assertThat(f.has("c")).isFalse();

      Files.delete(ballast);
      f.await("c", 1);
      f.awaitNoProblem();
      assertThat(f.store().writeStatus(a.key(), a.uid(), 0, tree("{\"epoch\": 1}")))
          .isInstanceOf(StatusWrite.Applied.class);
    } finally {
      f.close();
      new ProcessBuilder("umount", f.state.toString()).start().waitFor();
    }
  }

  private static void fill(Path ballast) throws IOException {
    byte[] block = new byte[4096];
    try (var out = Files.newOutputStream(ballast)) {
      while (true) {
        out.write(block);
      }
    } catch (IOException e) {
      assertThat(e).hasMessageContaining("No space left");
    }
  }

  private static String power(StoredObject o) {
    return o.spec().path("powerState").asText();
  }

  private static void refused(Reason reason, ThrowingCallable call, String... parts) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(StoreException.class, e -> assertThat(e.reason()).isEqualTo(reason))
        .satisfies(
            e -> assertThat(List.of(parts)).allMatch(String.valueOf(e.getMessage())::contains));
  }

  @Test
  void kindsThatAreCleanedUpAreAnOption() throws IOException {
    f.close();
    f.finalized(ResourceKind.VirtualMachine, ResourceKind.VmNetwork).open();
    StoredObject n =
        f.store()
            .create(
                tree(
                    """
                    {"apiVersion": "lodge.dev/v1alpha1", "kind": "VmNetwork",
                     "metadata": {"name": "n", "namespace": "default"}, "spec": {"nat": {}}}
                    """));

    f.store().delete(n.key());

    assertThat(f.store().get(new ObjectKey(ResourceKind.VmNetwork, "default", "n")))
        .hasValueSatisfying(o -> assertThat(o.deleting()).isTrue());
  }
}
