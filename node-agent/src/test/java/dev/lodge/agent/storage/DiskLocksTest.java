package dev.lodge.agent.storage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lodge.agent.hostfile.FileFacts;
import dev.lodge.agent.hostfile.FileId;
import dev.lodge.agent.storage.ResolvedDisk.Use;
import dev.lodge.domain.machine.DevicePlan.Disk.Source;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DiskLocksTest {
  private static final FileId SDA = BlockTopology.device("8:0");
  private static final FileId SDA1 = BlockTopology.device("8:1");
  private static final FileId SDA2 = BlockTopology.device("8:2");
  private static final FileId LV_A = BlockTopology.device("253:0");
  private static final FileId LV_B = BlockTopology.device("253:1");
  private static final FileId LOOP = BlockTopology.device("7:0");

  @TempDir Path temp;
  private Path image;
  private Path proc;
  private DiskLocks locks;

  @BeforeEach
  void aHost() throws IOException {
    image = Files.createFile(temp.resolve("image"));
    sysfs();
    proc = Files.createDirectories(temp.resolve("proc"));
    mounted("");
    locks = open();
  }

  @AfterEach
  void close() throws IOException {
    locks.close();
  }

  @Test
  void oneVmWritesADiskWhateverItIsCalled() throws Exception {
    assertThat(claim("a", disk("root", "/dev/vg/a", LV_A, Use.WRITE))).isEmpty();

    assertThat(claim("b", disk("data", "/dev/dm-0", LV_A, Use.WRITE)))
        .hasValueSatisfying(
            c -> {
              assertThat(c.disk()).isEqualTo("data");
              assertThat(c.message()).contains("in use by VM ns/a", "access: Shared");
            });
    assertThat(claim("b", disk("data", "/dev/vg/b", LV_B, Use.WRITE))).isEmpty();
  }

  @Test
  void afterReleaseAnotherMay() throws Exception {
    claim("a", disk("root", "/x", LV_A, Use.WRITE));
    locks.release("a");

    assertThat(claim("b", disk("root", "/x", LV_A, Use.WRITE))).isEmpty();
  }

  @Test
  void claimingAgainReplacesWhatWasClaimed() throws Exception {
    claim("a", disk("root", "/x", LV_A, Use.WRITE));
    assertThat(claim("a", disk("root", "/x", LV_A, Use.WRITE))).isEmpty();
    assertThat(claim("a", disk("root", "/y", LV_B, Use.WRITE))).isEmpty();

    assertThat(claim("b", disk("root", "/x", LV_A, Use.WRITE))).isEmpty();
  }

  @Test
  void aRefusedClaimHoldsNothing() throws Exception {
    claim("a", disk("root", "/x", LV_A, Use.WRITE));
    assertThat(claim("b", disk("one", "/y", LV_B, Use.WRITE), disk("two", "/x", LV_A, Use.WRITE)))
        .isPresent();

    assertThat(claim("c", disk("one", "/y", LV_B, Use.WRITE))).isEmpty();
  }

  @Test
  void readersAndSharersAgreeButNotWithAnExclusiveWriter() throws Exception {
    assertThat(claim("a", disk("d", "/x", LV_A, Use.READ))).isEmpty();
    assertThat(claim("b", disk("d", "/x", LV_A, Use.READ))).isEmpty();
    assertThat(claim("c", disk("d", "/x", LV_A, Use.SHARED_WRITE))).isEmpty();
    assertThat(claim("d", disk("d", "/x", LV_A, Use.SHARED_WRITE))).isEmpty();
    assertThat(claim("e", disk("d", "/x", LV_A, Use.WRITE))).isPresent();
  }

  @Test
  void aPartitionAndItsDiskAreOneDisk() throws Exception {
    assertThat(claim("a", disk("d", "/dev/sda1", SDA1, Use.WRITE))).isEmpty();
    assertThat(claim("b", disk("d", "/dev/sda", SDA, Use.WRITE))).isPresent();
    assertThat(claim("c", disk("d", "/dev/sda2", SDA2, Use.WRITE))).isEmpty();
  }

  @Test
  void volumesOfOneGroupAreTwoButTheirDiskIsBoth() throws Exception {
    assertThat(claim("a", disk("d", "/dev/vg/a", LV_A, Use.WRITE))).isEmpty();
    assertThat(claim("b", disk("d", "/dev/vg/b", LV_B, Use.WRITE))).isEmpty();
    assertThat(claim("c", disk("d", "/dev/sda2", SDA2, Use.WRITE))).isPresent();
    assertThat(claim("c", disk("d", "/dev/sda", SDA, Use.WRITE))).isPresent();
  }

  @Test
  void aLoopDeviceAndTheFileBehindItAreOneDisk() throws Exception {
    assertThat(claim("a", disk("d", "/dev/loop0", LOOP, Use.WRITE))).isEmpty();
    assertThat(claim("b", disk("d", "/image", FileFacts.of(image).id(), Use.WRITE))).isPresent();
  }

  @Test
  void twiceInOneVmIsRefusedToo() throws Exception {
    assertThat(claim("a", disk("x", "/1", LV_A, Use.WRITE), disk("y", "/2", LV_A, Use.WRITE)))
        .hasValueSatisfying(c -> assertThat(c.message()).contains("same disk as disks[x]"));
  }

  @Test
  void whatTheHostHasMountedIsRefused() throws Exception {
    mounted("36 1 8:1 / /srv rw - ext4 /dev/sda1 rw\n");

    assertThat(claim("a", disk("d", "/dev/sda", SDA, Use.WRITE)))
        .hasValueSatisfying(c -> assertThat(c.message()).contains("mounted by the host on /srv"));
    assertThat(claim("a", disk("d", "/dev/sda1", SDA1, Use.SHARED_WRITE))).isPresent();
    assertThat(claim("a", disk("d", "/dev/sda2", SDA2, Use.WRITE))).isEmpty();
    assertThat(claim("b", disk("d", "/dev/sda1", SDA1, Use.READ))).isEmpty();
  }

  @Test
  void aQemuOfSomebodyElseIsSeen() throws Exception {
    process(4711, "qemu-system-x86", "0100002");
    process(4712, "cat", "0100002");

    assertThat(claim("a", disk("d", "/image", FileFacts.of(image).id(), Use.WRITE)))
        .hasValueSatisfying(c -> assertThat(c.message()).contains("process 4711"));
    process(4711, "qemu-system-x86", "0100000");
    assertThat(claim("a", disk("d", "/image", FileFacts.of(image).id(), Use.WRITE))).isEmpty();
  }

  @Test
  void aRunningVmIsTakenOverAsItsQemuHasItsDisksOpen() throws Exception {
    process(4711, "qemu-system-x86", "0100002");

    locks.adopt("a", "ns/a", 4711, false);

    assertThat(claim("b", disk("d", "/dev/loop0", LOOP, Use.WRITE)))
        .hasValueSatisfying(c -> assertThat(c.message()).contains("in use by VM ns/a"));
    assertThat(
            new OpenDisks(proc)
                .missing(
                    4711,
                    List.of(
                        disk("there", "/image", FileFacts.of(image).id(), Use.WRITE),
                        disk("elsewhere", "/dev/sda", SDA, Use.WRITE),
                        disk("read", "/dev/sda", SDA, Use.READ))))
        .containsExactly("elsewhere");
  }

  @Test
  void aDeviceThatTheKernelClaimedIsNotWritten() throws Exception {
    assertThat(claim("a", disk("d", "/dev/swap", SDA1, Use.WRITE)))
        .hasValueSatisfying(c -> assertThat(c.message()).contains("the host itself", "lsblk"));
    assertThat(claim("a", disk("d", "/dev/swap", SDA1, Use.SHARED_WRITE))).isPresent();
    assertThat(claim("a", disk("d", "/dev/swap", SDA1, Use.READ))).isEmpty();
  }

  @Test
  void twoAgentsExcludeEachOther() throws Exception {
    Path claims = locksDirectory();
    Process other =
        new ProcessBuilder(
                ProcessHandle.current().info().command().orElseThrow(),
                "-cp",
                System.getProperty("java.class.path"),
                LockHolder.class.getName(),
                claims.resolve(LV_A + ".lock").toString())
            .redirectErrorStream(true)
            .start();
    try (var out = other.inputReader()) {
      assertThat(out.readLine()).isEqualTo("locked");

      assertThat(claim("a", disk("d", "/x", LV_A, Use.WRITE)))
          .hasValueSatisfying(c -> assertThat(c.message()).contains("another agent"));
      assertThat(claim("a", disk("d", "/y", LV_B, Use.WRITE))).isEmpty();
    } finally {
      other.destroyForcibly().waitFor();
    }
    assertThat(claim("b", disk("d", "/x", LV_A, Use.WRITE))).isEmpty();
  }

  private Path locksDirectory() {
    return temp.resolve("locks");
  }

  private DiskLocks open() throws IOException {
    return new DiskLocks(
        locksDirectory(),
        new BlockTopology(temp.resolve("dev")),
        new OpenDisks(proc),
        path -> path.equals(Path.of("/dev/swap")));
  }

  private Optional<DiskLocks.Conflict> claim(String uid, ResolvedDisk... disks) throws IOException {
    return locks.claim(uid, "ns/" + uid, List.of(disks));
  }

  private static ResolvedDisk disk(String name, String path, FileId id, Use use) {
    return new ResolvedDisk(
        name, new Source(id.block(), path, "raw", null), true, 1 << 20, null, use, true, id);
  }

  private void mounted(String lines) throws IOException {
    Files.writeString(
        Files.createDirectories(proc.resolve("self")).resolve("mountinfo"),
        "22 1 0:21 / /proc rw - proc proc rw\n" + lines);
  }

  /** A process that has the image open. */
  private void process(int pid, String name, String flags) throws IOException {
    Path process = Files.createDirectories(proc.resolve(String.valueOf(pid)));
    Files.writeString(process.resolve("comm"), name + "\n");
    Files.createDirectories(process.resolve("fd"));
    Files.deleteIfExists(process.resolve("fd/9"));
    Files.createSymbolicLink(process.resolve("fd/9"), image);
    Files.writeString(
        Files.createDirectories(process.resolve("fdinfo")).resolve("9"),
        "pos:\t0\nflags:\t" + flags + "\n");
  }

  /** sda with two partitions, two volumes on sda2, a loop device over the image. */
  private void sysfs() throws IOException {
    device("8:0", "devices/sda", "");
    device("8:1", "devices/sda/sda1", "1");
    device("8:2", "devices/sda/sda2", "2");
    for (String lv : new String[] {"253:0", "253:1"}) {
      Path dm = device(lv, "devices/dm" + lv, "");
      Path slave = Files.createDirectories(dm.resolve("slaves/sda2"));
      Files.writeString(slave.resolve("dev"), "8:2\n");
    }
    Path loop = device("7:0", "devices/loop0", "");
    Files.writeString(
        Files.createDirectories(loop.resolve("loop")).resolve("backing_file"), image + "\n");
  }

  private Path device(String number, String path, String partition) throws IOException {
    Path device = Files.createDirectories(temp.resolve(path));
    Files.writeString(device.resolve("dev"), number + "\n");
    if (!partition.isEmpty()) {
      Files.writeString(device.resolve("partition"), partition);
    }
    Files.createSymbolicLink(Files.createDirectories(temp.resolve("dev")).resolve(number), device);
    return device;
  }
}
