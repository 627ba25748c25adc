package dev.lodge.agent.storage;

import static dev.lodge.agent.storage.StorageFixture.installed;
import static dev.lodge.agent.storage.StorageFixture.run;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.lodge.agent.hostfile.BindMounts;
import dev.lodge.agent.hostfile.QemuUser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is prepared is opened by a real QEMU, as the user that libvirt runs it as. */
class QemuDisksIT {
  private static final String QEMU = "qemu-system-i386";

  @TempDir Path temp;
  private StorageFixture host;
  private DiskLocks locks;
  private final List<Process> started = new ArrayList<>();

  @BeforeEach
  void aHost() throws IOException {
    assumeTrue(System.getenv("LODGE_TEST_LIBVIRT_URI") != null && installed(QEMU));
    assumeTrue(BindMounts.possible() && QemuUser.detect().user().isPresent());
    host = new StorageFixture(temp);
    locks = new DiskLocks(temp.resolve("locks"));
  }

  @AfterEach
  void end() throws Exception {
    for (Process process : started) {
      process.destroyForcibly().waitFor();
    }
    if (host != null) {
      locks.close();
      host.close();
    }
  }

  @Test
  void qemuOpensEveryKindOfDiskAndWhatItWritesIsSeen() throws Exception {
    byte[] content = new byte[1 << 20];
    new Random(11).nextBytes(content);
    host.image("base", "Raw", content);
    Files.write(host.files.resolve("data.img"), content);
    Files.write(host.files.resolve("read.img"), content);
    var prepared =
        host.prepared(
            "'disks':[{'name':'root','source':{'imageRef':{'name':'base'}}},"
                + "{'name':'blank','size':'1Mi','source':{'blank':{}}},"
                + "{'name':'data','source':{'hostResourceRef':{'name':'files','path':'data.img'}}},"
                + "{'name':'read','access':'ReadOnly',"
                + "'source':{'hostResourceRef':{'name':'files','path':'read.img'}}}]");
    List<ResolvedDisk> disks = List.copyOf(prepared.disks().values());
    assertThat(locks.claim("a", "ns/a", disks)).isEmpty();

    Process qemu = qemu(disks);

    assertThat(OpenDisks.HOST.missing(qemu.pid(), disks)).isEmpty();
    assertThat(OpenDisks.HOST.writtenBy(qemu.pid()))
        .contains(disks.get(0).id(), disks.get(1).id(), disks.get(2).id())
        .doesNotContain(disks.get(3).id());
    try (var others = new DiskLocks(temp.resolve("locks of another agent"))) {
      assertThat(others.claim("b", "ns/b", List.of(disks.get(2))))
          .hasValueSatisfying(c -> assertThat(c.message()).contains("process " + qemu.pid()));
      assertThat(others.claim("b", "ns/b", List.of(disks.get(3)))).isEmpty();
    }
  }

  @Test
  void qemuThatOpenedSomethingElseIsFoundOut() throws Exception {
    Files.write(host.files.resolve("data.img"), new byte[1 << 20]);
    List<ResolvedDisk> disks =
        List.copyOf(
            host.prepared(
                    "'disks':[{'name':'data',"
                        + "'source':{'hostResourceRef':{'name':'files','path':'data.img'}}}]")
                .disks()
                .values());

    Process qemu = qemu(List.of());

    assertThat(OpenDisks.HOST.missing(qemu.pid(), disks)).containsExactly("data");
  }

  @Test
  void aLoopDeviceAndItsFileAreOneDiskOnThisHost() throws Exception {
    Path file = Files.write(host.files.resolve("loop.img"), new byte[1 << 20]);
    assumeTrue(installed("losetup") && Files.exists(Path.of("/dev/loop-control")));
    String loop = run("losetup", "--find", "--show", file.toString()).strip();
    try {
      host.objects.resource("dev", "{'type':'BlockDevice','path':'" + loop + "'}");
      var prepared =
          host.prepared(
              "'disks':[{'name':'dev','source':{'hostResourceRef':{'name':'dev'}}},"
                  + "{'name':'file','source':{'hostResourceRef':{'name':'files','path':'loop.img'}}}]");
      ResolvedDisk device = prepared.disks().get("dev");

      assertThat(device.source().block()).isTrue();
      assertThat(device.source().path()).isEqualTo(loop);
      assertThat(device.virtualSize()).isEqualTo(1 << 20);
      assertThat(device.directIo()).isTrue();
      assertThat(locks.claim("a", "ns/a", List.of(device))).isEmpty();
      assertThat(locks.claim("b", "ns/b", List.of(prepared.disks().get("file")))).isPresent();
    } finally {
      run("losetup", "--detach", loop);
    }
  }

  @Test
  void aFileSystemThatIsMountedOutOfSightKeepsGuestsOffItsDevice() throws Exception {
    Path file = Files.createFile(host.files.resolve("fs.img"));
    assumeTrue(
        installed("losetup")
            && installed("mkfs.ext4")
            && installed("unshare")
            && Files.exists(Path.of("/dev/loop-control")));
    run("truncate", "--size=8M", file.toString());
    run("mkfs.ext4", "-q", file.toString());
    String loop = run("losetup", "--find", "--show", file.toString()).strip();
    // Given a mount in a namespace of its own, as containers and services have
    Process container =
        new ProcessBuilder(
                "unshare",
                "--mount",
                "sh",
                "-c",
                "mount -t ext4 "
                    + loop
                    + " /mnt && echo mounted && read -r end && umount /mnt && echo unmounted")
            .redirectErrorStream(true)
            .start();
    try (var said = container.inputReader()) {
      assertThat(said.readLine()).isEqualTo("mounted");
      host.objects.resource("dev", "{'type':'BlockDevice','path':'" + loop + "'}");
      List<ResolvedDisk> device =
          List.copyOf(
              host.prepared("'disks':[{'name':'d','source':{'hostResourceRef':{'name':'dev'}}}]")
                  .disks()
                  .values());
      assertThat(locks.claim("a", "ns/a", device))
          .hasValueSatisfying(c -> assertThat(c.message()).contains("in use by the host itself"));
      // When it is unmounted
      try (var end = container.outputWriter()) {
        end.write("now\n");
      }
      assertThat(said.readLine()).isEqualTo("unmounted");
      // Then a guest may have it
      assertThat(locks.claim("a", "ns/a", device)).isEmpty();
    } finally {
      container.destroyForcibly().waitFor();
      run("losetup", "--detach", loop);
    }
  }

  /** A paused QEMU that has the disks open, started as libvirt does: as its own user. */
  private Process qemu(List<ResolvedDisk> disks) throws Exception {
    String user = QemuUser.detect().user().orElseThrow().getName();
    List<String> command =
        new ArrayList<>(
            List.of("setpriv", "--reuid=" + user, "--regid=kvm", "--init-groups", "--"));
    command.addAll(List.of(QEMU, "-S", "-display", "none", "-nodefaults", "-m", "16"));
    command.addAll(List.of("-machine", "pc,accel=tcg", "-monitor", "none"));
    for (ResolvedDisk disk : disks) {
      boolean readOnly = disk.use() == ResolvedDisk.Use.READ;
      if (!readOnly) {
        // What libvirt's dynamic ownership does.
        run("chown", user, disk.source().path());
      }
      command.add("-drive");
      command.add(
          "if=none,id="
              + disk.name()
              + ",format="
              + disk.source().format()
              + ",file="
              + disk.source().path()
              + (readOnly ? ",readonly=on" : ""));
      command.add("-device");
      command.add("virtio-blk-pci,drive=" + disk.name());
    }
    Path words = temp.resolve("qemu.out");
    Process qemu =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(words.toFile())
            .start();
    started.add(qemu);
    Instant deadline = Instant.now().plus(Duration.ofSeconds(30));
    while (!ready(qemu, disks)) {
      assertThat(qemu.isAlive()).as(Files.readString(words)).isTrue();
      assertThat(Instant.now()).isBefore(deadline);
      TimeUnit.MILLISECONDS.sleep(20);
    }
    return qemu;
  }

  private static boolean ready(Process qemu, List<ResolvedDisk> disks) throws IOException {
    return Files.readString(Path.of("/proc/" + qemu.pid() + "/comm")).startsWith("qemu")
        && OpenDisks.HOST.missing(qemu.pid(), disks).isEmpty();
  }
}
