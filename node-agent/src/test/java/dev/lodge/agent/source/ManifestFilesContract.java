package dev.lodge.agent.source;

import static dev.lodge.agent.source.StoreFixture.vm;
import static dev.lodge.agent.source.StoreFixture.vmYaml;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lodge.agent.store.StoreEvent;
import dev.lodge.agent.store.StoredObject;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What people and programs do with files, on the disk of the tests and in memory. */
abstract class ManifestFilesContract {
  StoreFixture f;

  abstract Path base() throws IOException;

  @BeforeEach
  void open() throws IOException {
    f = new StoreFixture(base());
    f.open();
  }

  @AfterEach
  void close() {
    f.close();
  }

  @Test
  void aFileThatIsRenamedInIsAnObject() {
    f.place("a.yaml", vmYaml("a", 2));

    StoredObject a = f.await("a", 2);
    assertThat(a.uid()).hasSize(36);
    assertThat(a.generation()).isEqualTo(1);
    assertThat(StoreFixture.f(a)).isEqualTo("a.yaml");
    assertThat(a.ownFile()).isFalse();
    assertThat(a.tree().at("/metadata/annotations/lodge.dev~1manifest").asText())
        .isEqualTo(f.manifests.resolve("a.yaml").toString());
    assertThat(a.tree().at("/metadata/finalizers/0").asText()).isEqualTo("lodge.dev/agent");
    assertThat(a.tree().at("/metadata/resourceVersion").asText())
        .isEqualTo(Long.toString(a.resourceVersion()));
  }

  @Test
  void aChangedFileRaisesTheGenerationAndKeepsTheUid() {
    f.place("a.yaml", vmYaml("a", 1));
    StoredObject before = f.await("a", 1);

    f.place("a.yaml", vmYaml("a", 2));

    StoredObject after = f.await("a", 2);
    assertThat(after.uid()).isEqualTo(before.uid());
    assertThat(after.generation()).isEqualTo(before.generation() + 1);
    assertThat(after.resourceVersion()).isGreaterThan(before.resourceVersion());
  }

  @Test
  void aFileWrittenInPlaceCountsOnlyWhenItIsClosed() throws IOException {
    f.place("a.yaml", vmYaml("a", 1));
    f.await("a", 1);
    List<StoreEvent> changes = f.changes();
    byte[] text = (vmYaml("a", 4, "  powerState: PoweredOff\n")).getBytes(StandardCharsets.UTF_8);

    try (OutputStream out = Files.newOutputStream(f.manifests.resolve("a.yaml"))) {
      // Half of it would be a good manifest of its own.
      out.write(text, 0, text.length - 25);
      out.flush();
      f.awaitAllSeen();
      assertThat(f.cpusOf("a")).isEqualTo(1);
      out.write(text, text.length - 25, 25);
    }

    assertThat(f.await("a", 4).spec().path("powerState").asText()).isEqualTo("PoweredOff");
    f.awaitTold(changes);
    assertThat(StoreFixture.of(changes, "a")).hasSize(1);
  }

  @Test
  void aHalfWrittenFileThatIsClosedKeepsTheLastGoodObject() throws IOException {
    f.place("a.yaml", vmYaml("a", 1));
    StoredObject good = f.await("a", 1);

    Files.writeString(f.manifests.resolve("a.yaml"), "apiVersion: lodge.dev/v1alpha1\nkind: [");

    f.awaitProblem("a.yaml");
    assertThat(f.get("a")).isEqualTo(good);
    assertThat(f.store().problems().getFirst().objects()).containsExactly(vm("a"));

    Files.writeString(f.manifests.resolve("a.yaml"), vmYaml("a", 3));
    f.await("a", 3);
    f.awaitNoProblem();
  }

  @Test
  void aTruncatedFileIsNoWishToDelete() throws IOException {
    f.place("a.yaml", vmYaml("a", 1));
    f.await("a", 1);

    Files.writeString(f.manifests.resolve("a.yaml"), "");

    f.awaitProblem("the file is empty");
    f.awaitAllSeen();
    assertThat(f.get("a").deleting()).isFalse();
  }

  @Test
  void aFieldThatDoesNotExistIsToldWithItsPlace() {
    f.place("a.yaml", vmYaml("a", 1, "  cpus: 4\n"));

    f.awaitProblem("a.yaml: 7:");
    assertThat(f.problems()).contains("spec.cpus");
    assertThat(f.has("a")).isFalse();
  }

  @Test
  void anEditorThatKeepsABackupDeletesNothing() throws IOException {
    f.place("a.yaml", vmYaml("a", 1));
    StoredObject before = f.await("a", 1);
    List<StoreEvent> changes = f.changes();

    for (int i = 2; i < 12; i++) {
      // As vim does: the old file becomes the backup, the new one is written anew.
      Path file = f.manifests.resolve("a.yaml");
      Files.move(file, f.manifests.resolve("a.yaml~"), StandardCopyOption.REPLACE_EXISTING);
      Files.writeString(file, vmYaml("a", i), StandardOpenOption.CREATE_NEW);
      Files.delete(f.manifests.resolve("a.yaml~"));
    }

    StoredObject after = f.await("a", 11);
    assertThat(after.uid()).isEqualTo(before.uid());
    assertThat(changes).noneMatch(e -> e.object().deleting());
  }

  @Test
  void aRemovalAndANewFileWithinTheGraceIsAnEdit() throws IOException {
    f.place("a.yaml", vmYaml("a", 1));
    StoredObject before = f.await("a", 1);

    // As git does on a checkout.
    Files.delete(f.manifests.resolve("a.yaml"));
    Files.writeString(f.manifests.resolve("a.yaml"), vmYaml("a", 2));

    assertThat(f.await("a", 2).uid()).isEqualTo(before.uid());
  }

  @Test
  void aFileThatTakesLongToBeWrittenAnewIsNotMissing() throws IOException {
    f.place("a.yaml", vmYaml("a", 1));
    StoredObject before = f.await("a", 1);
    byte[] text = vmYaml("a", 2).getBytes(StandardCharsets.UTF_8);
    Path file = f.manifests.resolve("a.yaml");
    Files.delete(file);

    try (OutputStream out = Files.newOutputStream(file)) {
      out.write(text, 0, 50);
      // Longer than the grace, while other files come.
      long end = System.nanoTime() + StoreFixture.GRACE.multipliedBy(3).toNanos();
      while (System.nanoTime() < end) {
        f.awaitAllSeen();
      }
      assertThat(f.get("a")).isEqualTo(before);
      assertThat(f.store().problems()).isEmpty();
      out.write(text, 50, text.length - 50);
    }

    assertThat(f.await("a", 2).uid()).isEqualTo(before.uid());
  }

  @Test
  void aFileRenamedWithinTheDirectoryIsTheSameObject() throws IOException {
    f.place("a.yaml", vmYaml("a", 1));
    StoredObject before = f.await("a", 1);

    Files.move(f.manifests.resolve("a.yaml"), f.manifests.resolve("b.json.yaml"));

    f.until(() -> "b.json.yaml".equals(f.fileOf("a")), "the new file");
    assertThat(f.get("a").uid()).isEqualTo(before.uid());
    assertThat(f.get("a").generation()).isEqualTo(before.generation());
  }

  @Test
  void twoFilesThatSwapNamesSwapNothingElse() throws IOException {
    f.place("a.yaml", vmYaml("a", 1));
    f.place("b.yaml", vmYaml("b", 2));
    String a = f.await("a", 1).uid();
    String b = f.await("b", 2).uid();

    Path m = f.manifests;
    Files.move(m.resolve("a.yaml"), m.resolve("c.yaml"));
    Files.move(m.resolve("b.yaml"), m.resolve("a.yaml"));
    Files.move(m.resolve("c.yaml"), m.resolve("b.yaml"));

    f.until(() -> "b.yaml".equals(f.fileOf("a")), "a in b.yaml");
    f.until(() -> "a.yaml".equals(f.fileOf("b")), "b in a.yaml");
    assertThat(f.get("a").uid()).isEqualTo(a);
    assertThat(f.get("b").uid()).isEqualTo(b);
    assertThat(f.get("a").deleting() || f.get("b").deleting()).isFalse();
  }

  @Test
  void theFirstOfTwoFilesWithOneObjectCounts() throws IOException {
    f.place("z.yaml", vmYaml("a", 1));
    StoredObject first = f.await("a", 1);

    f.place("a.yaml", vmYaml("a", 2));

    f.awaitProblem("is in z.yaml too");
    assertThat(f.problems()).contains("a.yaml");
    assertThat(f.get("a")).isEqualTo(first);

    Files.delete(f.manifests.resolve("z.yaml"));
    StoredObject second = f.await("a", 2);
    assertThat(second.uid()).isEqualTo(first.uid());
    f.awaitNoProblem();
  }

  @Test
  void aFileThatIsGoneLeavesATombstoneUntilItIsCleanedUp() throws IOException {
    f.place("a.yaml", vmYaml("a", 1));
    StoredObject before = f.await("a", 1);
    List<StoreEvent> changes = f.changes();

    Files.delete(f.manifests.resolve("a.yaml"));

    f.until(() -> f.get("a").deleting(), "the deletion");
    StoredObject tombstone = f.get("a");
    assertThat(tombstone.uid()).isEqualTo(before.uid());
    assertThat(tombstone.generation()).isEqualTo(before.generation());
    assertThat(tombstone.file()).isNull();
    assertThat(tombstone.tree().at("/metadata/deletionTimestamp").asText()).endsWith("Z");

    f.store().finish(vm("a"), "another UID");
    assertThat(f.has("a")).isTrue();
    f.store().finish(vm("a"), before.uid());
    assertThat(f.has("a")).isFalse();
    f.until(() -> changes.size() == 2, "two changes");
    assertThat(changes)
        .extracting(StoreEvent::type)
        .containsExactly(StoreEvent.Type.MODIFIED, StoreEvent.Type.DELETED);
  }

  @Test
  void finishDoesNothingToWhatLives() {
    f.place("a.yaml", vmYaml("a", 1));
    StoredObject a = f.await("a", 1);

    f.store().finish(vm("a"), a.uid());

    assertThat(f.get("a")).isEqualTo(a);
  }

  @Test
  void whatComesBackWhileItIsDeletedIsMadeAnewAfterwards() throws IOException {
    f.place("a.yaml", vmYaml("a", 1));
    StoredObject before = f.await("a", 1);
    Files.delete(f.manifests.resolve("a.yaml"));
    f.until(() -> f.get("a").deleting(), "the deletion");

    f.place("a.yaml", vmYaml("a", 3));

    f.awaitProblem("still being deleted");
    assertThat(StoreFixture.cpus(f.get("a"))).isEqualTo(1);
    f.store().finish(vm("a"), before.uid());
    StoredObject anew = f.get("a");
    assertThat(anew.uid()).isNotEqualTo(before.uid());
    assertThat(StoreFixture.cpus(anew)).isEqualTo(3);
    assertThat(anew.status().isMissingNode()).isTrue();
    f.awaitNoProblem();
  }

  @Test
  void aFileOfManyObjectsMayLoseOne() {
    f.place("all.yaml", vmYaml("a", 1) + "\n---\n" + vmYaml("b", 1));
    f.await("a", 1);
    f.await("b", 1);

    f.place("all.yaml", vmYaml("a", 2));

    f.await("a", 2);
    f.until(() -> f.get("b").deleting(), "the deletion of b");
    assertThat(f.get("a").deleting()).isFalse();
  }

  @Test
  void oneMistakeKeepsTheWholeFileAsItWas() {
    f.place("all.yaml", vmYaml("a", 1) + "\n---\n" + vmYaml("b", 1));
    f.await("a", 1);
    f.await("b", 1);

    f.place("all.yaml", vmYaml("a", 2) + "\n---\n" + vmYaml("b", -1));

    f.awaitProblem("all.yaml");
    assertThat(f.store().problems().getFirst().objects()).containsExactly(vm("a"), vm("b"));
    assertThat(f.cpusOf("a")).isEqualTo(1);
  }

  @Test
  void otherFilesAreNoManifests() throws IOException {
    for (String name :
        List.of(".hidden.yaml", "a.yaml~", "a.yaml.swp", "#a.yaml#", "README.md", "a.yaml.tmp")) {
      f.place(name, "not: [yaml");
    }
    Files.createDirectory(f.manifests.resolve("below"));

    f.awaitAllSeen();
    assertThat(f.store().problems()).isEmpty();
    assertThat(f.names()).isEmpty();
  }

  @Test
  void whatIsNoFileIsToldAndHoldsNothingUp() throws Exception {
    Path fifo = f.manifests.resolve("fifo.yaml");
    assertThat(new ProcessBuilder("mkfifo", fifo.toString()).start().waitFor()).isZero();
    Files.createDirectory(f.manifests.resolve("dir.yaml"));
    Files.createSymbolicLink(f.manifests.resolve("null.yaml"), Path.of("/dev/zero"));

    f.awaitProblem("fifo.yaml: the file is no regular file");
    f.awaitProblem("dir.yaml: the file is a directory");
    f.awaitProblem("null.yaml: the file is no regular file");
    f.place("a.yaml", vmYaml("a", 1));
    f.await("a", 1);
  }

  @Test
  void aHugeFileIsRefusedUnread() throws IOException {
    Path huge = f.outside("huge");
    try (var out =
        java.nio.channels.FileChannel.open(
            huge, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      out.write(java.nio.ByteBuffer.wrap(new byte[] {1}), 10L << 30);
    }

    Files.move(huge, f.manifests.resolve("huge.yaml"), StandardCopyOption.ATOMIC_MOVE);

    f.awaitProblem("huge.yaml: the file is " + ((10L << 30) + 1) + " bytes large");
  }

  @Test
  void aLinkIsFollowedAndADanglingOneKeepsTheObject() throws IOException {
    Path target = Files.writeString(f.outside("vm.yaml"), vmYaml("a", 1));
    Files.createSymbolicLink(f.manifests.resolve("a.yaml"), target);
    StoredObject before = f.await("a", 1);

    Files.delete(target);
    Files.writeString(f.manifests.resolve("touch.yaml"), vmYaml("b", 1));
    f.await("b", 1);
    f.close();
    f.open();

    f.awaitProblem("is a symbolic link to a file that is not there");
    assertThat(f.get("a").uid()).isEqualTo(before.uid());
    assertThat(f.get("a").deleting()).isFalse();
  }

  @Test
  void theLinksOfAConfigMapChangeAllAtOnce() throws IOException {
    Path m = f.manifests;
    Files.createDirectory(m.resolve("..v1"));
    Files.createDirectory(m.resolve("..v2"));
    Files.writeString(m.resolve("..v1/a.yaml"), vmYaml("a", 1));
    Files.writeString(m.resolve("..v2/a.yaml"), vmYaml("a", 2));
    Files.createSymbolicLink(m.resolve("..data"), Path.of("..v1"));
    Files.createSymbolicLink(m.resolve("a.yaml"), Path.of("..data/a.yaml"));
    f.await("a", 1);

    Files.createSymbolicLink(m.resolve("..data_tmp"), Path.of("..v2"));
    Files.move(m.resolve("..data_tmp"), m.resolve("..data"), StandardCopyOption.ATOMIC_MOVE);

    f.await("a", 2);
  }

  @Test
  void aHardLinkIsAFile() throws IOException {
    Path target = Files.writeString(f.outside("vm.yaml"), vmYaml("a", 1));

    Files.createLink(f.manifests.resolve("a.yaml"), target);

    f.await("a", 1);
  }

  @Test
  void burstsOfFilesAreAllThere() {
    IntStream.range(0, 50).forEach(i -> f.place("vm" + i + ".yaml", vmYaml("vm" + i, 1)));

    f.until(() -> f.names().size() == 50, "50 VMs");
    assertThat(f.store().problems()).isEmpty();
    assertThat(f.names().stream().map(n -> f.get(n).uid()).distinct()).hasSize(50);
  }

  @Test
  void aStormOfRenamesEndsWithTheLastContent() throws IOException {
    f.place("a.yaml", vmYaml("a", 1));
    String uid = f.await("a", 1).uid();
    Path m = f.manifests;

    String at = "a.yaml";
    for (int i = 0; i < 500; i++) {
      String next = "s" + i % 7 + ".yaml";
      Files.move(m.resolve(at), m.resolve(next), StandardCopyOption.REPLACE_EXISTING);
      at = next;
      if (i % 10 == 0) {
        f.place(at, vmYaml("a", 2 + i % 8));
      }
    }
    f.place(at, vmYaml("a", 16));

    f.await("a", 16);
    String last = at;
    f.until(() -> last.equals(f.fileOf("a")), "the last file");
    assertThat(f.get("a").uid()).isEqualTo(uid);
    f.awaitNoProblem();
  }

  @Test
  void aFileThatBecomesReadableIsRead() throws IOException {
    Assumptions.assumeFalse(Files.isReadable(unreadable("probe.yaml")), "root reads everything");
    Path file = unreadable("a.yaml");
    f.awaitProblem("a.yaml");

    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));

    f.await("a", 1);
  }

  private Path unreadable(String name) throws IOException {
    Path file = Files.writeString(f.outside(name), vmYaml("a", 1));
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("---------"));
    return Files.move(file, f.manifests.resolve(name), StandardCopyOption.ATOMIC_MOVE);
  }

  @Test
  void aRenameIsSeenSoon() {
    // Warm.
    IntStream.range(0, 100).forEach(this::rename);

    long[] nanos = IntStream.range(0, 50).mapToLong(this::rename).sorted().toArray();

    // The quickest: this notices a debounce or a poll, whatever else the machine does.
    assertThat(Duration.ofNanos(nanos[2])).isLessThan(Duration.ofMillis(40));
  }

  private long rename(int i) {
    f.place("a.yaml", vmYaml("a", 1 + i % 2));
    long start = System.nanoTime();
    f.await("a", 1 + i % 2);
    return System.nanoTime() - start;
  }

  @Test
  void linksAreNeverWrittenThrough() throws IOException {
    Path target = Files.writeString(f.outside("precious.txt"), "precious");
    Path own = f.manifests.resolve("virtualmachine-default-a.yaml");
    Files.createSymbolicLink(own, target);
    f.awaitProblem("virtualmachine-default-a.yaml");

    StoredObject a = f.store().create(StoreFixture.vmTree("a", 1));

    assertThat(Files.readString(target)).isEqualTo("precious");
    assertThat(Files.isSymbolicLink(own)).isTrue();
    assertThat(StoreFixture.f(a))
        .startsWith("virtualmachine-default-a-")
        .isNotEqualTo(own.getFileName().toString());
    assertThat(Files.isRegularFile(f.manifests.resolve(a.file()), LinkOption.NOFOLLOW_LINKS))
        .isTrue();
  }
}
