package dev.lodge.agent.source;

import static dev.lodge.agent.source.StoreFixture.vm;
import static dev.lodge.agent.source.StoreFixture.vmYaml;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lodge.agent.store.StoreEvent;
import dev.lodge.agent.store.StoreException;
import dev.lodge.agent.store.StoreException.Reason;
import dev.lodge.agent.store.StoredObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Missing is not empty: what is done when the whole directory is not what it was. */
class DirectoryAwayTest {
  @TempDir Path base;
  private StoreFixture f;

  @BeforeEach
  void open() throws IOException {
    f = new StoreFixture(base);
    f.open();
    f.place("a.yaml", vmYaml("a", 1));
    f.await("a", 1);
  }

  @AfterEach
  void close() {
    f.close();
  }

  @Test
  void aDirectoryThatIsMovedAwayKeepsItsObjectsAndIsFollowedAgainWhenItIsBack() throws IOException {
    StoredObject before = f.get("a");

    Files.move(f.manifests, base.resolve("away"));

    f.awaitProblem("it is not there");
    assertThat(f.get("a")).isEqualTo(before);
    assertThatThrownBy(() -> f.store().create(StoreFixture.vmTree("b", 1)))
        .isInstanceOfSatisfying(
            StoreException.class, e -> assertThat(e.reason()).isEqualTo(Reason.Unwritable));
    assertThatThrownBy(() -> f.store().delete(vm("a"))).hasMessageContaining("is not there");

    Files.move(base.resolve("away"), f.manifests);
    f.awaitNoProblem();
    f.place("a.yaml", vmYaml("a", 2));
    assertThat(f.await("a", 2).uid()).isEqualTo(before.uid());
  }

  @Test
  void aDirectoryRemovedWithAllInItKeepsItsObjects() throws IOException {
    List<StoreEvent> changes = f.changes();

    Files.delete(f.manifests.resolve("a.yaml"));
    Files.delete(f.manifests);

    f.awaitProblem("it is not there");
    assertThat(f.get("a").deleting()).isFalse();
    assertThat(changes).isEmpty();
  }

  @Test
  void anEmptyDirectoryInItsPlaceDeletesNothing() throws IOException {
    String uid = f.get("a").uid();
    Files.move(f.manifests, base.resolve("away"));
    Files.createDirectory(f.manifests);

    f.awaitProblem("it is empty and not the directory that it was");
    assertThat(f.get("a").deleting()).isFalse();
    assertThatThrownBy(() -> f.store().create(StoreFixture.vmTree("b", 1)))
        .isInstanceOfSatisfying(
            StoreException.class, e -> assertThat(e.reason()).isEqualTo(Reason.Refused));

    // Also after a restart.
    f.reopen();
    f.awaitProblem("it is empty and not the directory that it was");
    assertThat(f.get("a").deleting()).isFalse();

    // The mend that is told: delete the objects.
    f.store().delete(vm("a"));
    assertThat(f.get("a").deleting()).isTrue();
    f.store().finish(vm("a"), uid);
    assertThat(f.has("a")).isFalse();
    f.reopen();
    f.awaitNoProblem();
    f.store().create(StoreFixture.vmTree("b", 1));
  }

  @Test
  void theManifestsPutBackIntoANewDirectoryAreTheSameObjects() throws IOException {
    String uid = f.get("a").uid();
    Files.move(f.manifests, base.resolve("away"));
    Files.createDirectory(f.manifests);
    f.awaitProblem("it is empty");

    Files.copy(base.resolve("away/a.yaml"), f.manifests.resolve("a.yaml"));

    f.awaitNoProblem();
    assertThat(f.get("a").uid()).isEqualTo(uid);
    assertThat(f.get("a").deleting()).isFalse();
  }

  @Test
  void anotherDirectoryCountsIfItHasSomeOfTheObjects() throws IOException {
    f.place("b.yaml", vmYaml("b", 1));
    f.await("b", 1);
    String uid = f.get("a").uid();
    Path release = Files.createDirectories(base.resolve("release"));
    Files.writeString(release.resolve("renamed.yaml"), vmYaml("a", 2));

    Files.move(f.manifests, base.resolve("away"));
    Files.move(release, f.manifests);

    assertThat(f.await("a", 2).uid()).isEqualTo(uid);
    f.until(() -> f.get("b").deleting(), "b, which the new directory lacks");
  }

  @Test
  void whatLiesBelowAMountPointDeletesNothing() throws Exception {
    f.close();
    Files.move(f.manifests.resolve("a.yaml"), base.resolve("a.yaml"));
    Files.writeString(f.manifests.resolve("left-over.yaml"), vmYaml("left-over", 1));
    mount("tmpfs", "-t", "tmpfs", "-o", "size=1m", "tmpfs", f.manifests.toString());
    try {
      f.place("a.yaml", vmYaml("a", 1), true);
      f.poll(Duration.ofMillis(200)).open();
      f.awaitNoProblem();
      String uid = f.get("a").uid();

      run("umount", f.manifests.toString());

      f.awaitProblem("it is not the directory that it was and has none of its objects");
      assertThat(f.get("a").deleting()).isFalse();
      assertThat(f.has("left-over")).isFalse();
      // An agent that begins before the mount sees the same.
      f.reopen();
      f.awaitProblem("it is not the directory that it was and has none of its objects");
      assertThat(f.get("a").uid()).isEqualTo(uid);
      assertThat(f.get("a").deleting()).isFalse();
      // The mend that is told: put the manifests back.
      f.place("a.yaml", vmYaml("a", 2), true);
      assertThat(f.await("a", 2).uid()).isEqualTo(uid);
      f.await("left-over", 1);
      f.awaitNoProblem();
    } finally {
      f.close();
      new ProcessBuilder("umount", "-q", f.manifests.toString()).start().waitFor();
    }
  }

  @Test
  void anUnmountThatLeavesAnEmptyDirectoryDeletesNothing() throws Exception {
    f.close();
    Files.delete(f.manifests.resolve("a.yaml"));
    mount("tmpfs", "-t", "tmpfs", "-o", "size=1m", "tmpfs", f.manifests.toString());
    try {
      f.place("a.yaml", vmYaml("a", 1), true);
      f.open();
      String uid = f.get("a").uid();

      run("umount", f.manifests.toString());

      f.awaitProblem("it is empty and not the directory that it was");
      assertThat(f.get("a").deleting()).isFalse();
      f.reopen();
      f.awaitProblem("it is empty and not the directory that it was");
      assertThat(f.get("a").uid()).isEqualTo(uid);
      assertThat(f.get("a").deleting()).isFalse();
    } finally {
      f.close();
      new ProcessBuilder("umount", "-q", f.manifests.toString()).start().waitFor();
    }
  }

  @Test
  void aFileSystemMountedOverItIsNoticed() throws Exception {
    f.close();
    f.poll(Duration.ofMillis(100)).open();
    mount("tmpfs", "-t", "tmpfs", "-o", "size=1m", "tmpfs", f.manifests.toString());
    try {
      f.awaitProblem("it is empty and not the directory that it was");
      assertThat(f.get("a").deleting()).isFalse();
      run("umount", f.manifests.toString());
      f.awaitNoProblem();
      f.place("a.yaml", vmYaml("a", 3));
      f.await("a", 3);
    } finally {
      f.close();
      new ProcessBuilder("umount", "-q", f.manifests.toString()).start().waitFor();
    }
  }

  @Test
  void atTheFirstStartTheDirectoryIsMade() throws IOException {
    StoreFixture fresh = new StoreFixture(base.resolve("fresh"));
    Files.delete(fresh.manifests);
    try (fresh) {
      fresh.open();
      assertThat(fresh.store().problems()).isEmpty();
      assertThat(fresh.manifests).isDirectory();
      fresh.place("b.yaml", vmYaml("b", 1));
      fresh.await("b", 1);
    }
  }

  private static void mount(String what, String... arguments) throws Exception {
    String[] command = new String[arguments.length + 1];
    command[0] = "mount";
    System.arraycopy(arguments, 0, command, 1, arguments.length);
    int code = new ProcessBuilder(command).redirectErrorStream(true).start().waitFor();
    Assumptions.assumeTrue(code == 0, "this user mounts no " + what);
  }

  private static void run(String... command) throws Exception {
    assertThat(new ProcessBuilder(command).inheritIO().start().waitFor()).isZero();
  }
}
