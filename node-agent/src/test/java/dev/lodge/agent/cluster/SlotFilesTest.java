package dev.lodge.agent.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.lodge.agent.hostfile.BindMounts;
import dev.lodge.agent.hostfile.OtherMounts;
import dev.lodge.agent.storage.Brought.Result;
import dev.lodge.agent.storage.Brought.What;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineConditions.Reason;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineStatus.Slot;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineStatus.SlotRole;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A process with mounts and a root of its own, as the container of a slot has them. */
class SlotFilesTest {
  private static final String POD = "0f1e2d3c-0000-4000-8000-000000000001";

  /** What the kubelet and a container's image put there, and what somebody evil might. */
  private static final String SLOT =
      """
      set -e
      mount -t tmpfs none "$1"; cd "$1"
      for d in bin lib lib64 usr; do [ ! -e /$d ] || { mkdir $d; mount --rbind /$d $d; }; done
      mkdir -p lodge/volumes/data lodge/volumes/empty lodge/volumes/evil
      mount -t tmpfs none lodge/volumes/data
      head -c 1048576 /dev/zero >lodge/volumes/data/disk.img
      ln -s /usr/bin/env lodge/volumes/evil/disk.img
      mkdir -p lodge/images/root/disk lodge/images/two/disk lodge/firmware/loader/disk
      echo qcow >lodge/images/root/disk/any.qcow2
      touch lodge/images/two/disk/a lodge/images/two/disk/b
      echo rom >lodge/firmware/loader/disk/rom.bin
      mkdir -p lodge/cloud-init/..2026; echo '#cloud-config' >lodge/cloud-init/..2026/userData
      ln -s ..2026 lodge/cloud-init/..data; ln -s ..data/userData lodge/cloud-init/userData
      mknod -m 600 lodge/volumes/device b 7 0
      echo there >ready
      mount -o remount,bind,ro .
      exec chroot . /bin/sleep infinity
      """;

  private @Nullable Process slot;
  private Path proc = Path.of("/nonexistent");
  private Path target = Path.of("/nonexistent");
  private SlotFiles files = new SlotFiles(new SlotProcesses(proc), "", () -> {});

  @BeforeEach
  void startSlot(@TempDir Path directory) throws Exception {
    assumeTrue(BindMounts.possible(), "needs root");
    Path root = Files.createDirectory(directory.resolve("root"));
    target = directory.resolve("target");
    slot =
        new ProcessBuilder("unshare", "-m", "sh", "-c", SLOT, "sh", root.toString())
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("log").toFile())
            .start();
    Path ready = Path.of("/proc/" + slot.pid() + "/root/ready");
    long until = System.nanoTime() + Duration.ofSeconds(30).toNanos();
    while (!Files.exists(ready)) {
      assertThat(System.nanoTime())
          .as(Files.readString(directory.resolve("log")))
          .isLessThan(until);
      Thread.sleep(20);
    }
    proc = Files.createDirectory(directory.resolve("proc"));
    process(slot.pid(), "sleep", "0::/kubepods/burstable/pod" + POD + "/c0ffee", "1");
    process(1, "pause", "0::/kubepods/burstable/pod" + POD + "/ba0bab", "1");
    process(2, "sleep", "0::/kubepods/pod00000000-0000-4000-8000-000000000002/c", "1");
    process(3, "sh", "0::/kubepods/burstable/pod" + POD + "/c0ffee", "7");
    files = new SlotFiles(new SlotProcesses(proc), POD, () -> {});
  }

  @AfterEach
  void endSlot() throws Exception {
    if (slot != null) {
      slot.destroyForcibly();
      slot.waitFor();
    }
    if (Files.exists(target)) {
      BindMounts.unbind(target);
    }
  }

  private void process(long pid, String comm, String cgroup, String inner) throws IOException {
    Path p = Files.createDirectories(proc.resolve(Long.toString(pid)));
    Files.writeString(p.resolve("comm"), comm + "\n");
    Files.writeString(p.resolve("cgroup"), cgroup + "\n");
    Files.writeString(
        p.resolve("status"), "Name:\t" + comm + "\nNSpid:\t" + pid + "\t" + inner + "\n");
  }

  private String content(What what) throws IOException {
    try (var file = ((Result.Opened) files.open(what)).file()) {
      return Files.readString(file.path()).strip();
    }
  }

  @Test
  void the_only_file_of_an_image_is_found_whatever_its_name() throws Exception {
    assertThat(content(new What.Image("root"))).isEqualTo("qcow");
    assertThat(content(new What.Firmware("loader"))).isEqualTo("rom");
  }

  @Test
  void an_image_with_two_files_is_refused() {
    assertThat(files.open(new What.Image("two")))
        .isInstanceOfSatisfying(
            Result.Refused.class, r -> assertThat(r.message()).contains("more than one file"));
  }

  @Test
  void user_data_are_read_through_the_links_of_the_kubelet() throws Exception {
    assertThat(content(new What.UserData())).isEqualTo("#cloud-config");
  }

  @Test
  void a_link_in_a_volume_leads_nowhere() {
    assertThat(files.open(new What.Volume("evil")))
        .isInstanceOfSatisfying(
            Result.Refused.class, r -> assertThat(r.reason()).isEqualTo(Reason.InvalidSpec));
  }

  @Test
  void a_volume_without_a_disk_says_what_to_put_there() {
    assertThat(files.open(new What.Volume("empty")))
        .isInstanceOfSatisfying(
            Result.Refused.class, r -> assertThat(r.message()).contains("disk.img"));
  }

  @Test
  void a_volume_gets_a_name_here_and_keeps_it_after_the_slot() throws Exception {
    // Given
    Result.Opened opened = (Result.Opened) files.open(new What.Volume("data"));

    // When
    try (var file = opened.file()) {
      OtherMounts.bind(file, opened.process(), target, false);
      OtherMounts.bind(file, opened.process(), target, false); // nothing happens
    }

    // Then
    assertThat(Files.size(target)).isEqualTo(1 << 20);
    Files.write(target, "guest".getBytes(StandardCharsets.UTF_8));
    Path inside = Path.of("/proc/" + slot.pid() + "/root/lodge/volumes/data/disk.img");
    assertThat(Files.readString(inside)).isEqualTo("guest");
    slot.destroyForcibly();
    slot.waitFor();
    assertThat(Files.readString(target)).isEqualTo("guest");
  }

  @Test
  void a_volume_that_is_only_read_cannot_be_written() throws Exception {
    Result.Opened opened = (Result.Opened) files.open(new What.Volume("data"));
    try (var file = opened.file()) {
      OtherMounts.bind(file, opened.process(), target, true);
    }

    org.assertj.core.api.Assertions.assertThatThrownBy(() -> Files.write(target, new byte[] {1}))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("Read-only");
  }

  /** libvirt gives it to QEMU's user, and a container's root is read-only. */
  @Test
  void a_device_may_change_its_owner() throws Exception {
    Result.Opened opened = (Result.Opened) files.open(new What.Volume("device"));
    try (var file = opened.file()) {
      OtherMounts.bind(file, opened.process(), target, false);
    }

    Files.setAttribute(target, "unix:uid", 65_534);

    assertThat(Files.getAttribute(target, "unix:uid")).isEqualTo(65_534);
    assertThat(Files.getAttribute(target, "unix:rdev")).isEqualTo(7L << 8);
  }

  @Test
  void only_the_slots_own_process_is_ended() throws Exception {
    new SlotProcesses(proc).end(new Slot("p", POD, SlotRole.Run, null, true));

    assertThat(slot.waitFor(10, TimeUnit.SECONDS)).isTrue();
    assertThat(ProcessHandle.current().isAlive()).isTrue();
  }

  @Test
  void a_slot_without_a_container_is_waited_for() throws Exception {
    var told = new java.util.concurrent.CountDownLatch(1);
    String other = "0f1e2d3c-0000-4000-8000-00000000000f";
    var waiting = new SlotFiles(new SlotProcesses(proc), other, told::countDown);

    assertThat(waiting.open(new What.UserData())).isInstanceOf(Result.Waiting.class);

    process(
        slot.pid(),
        "sleep",
        "0::/kubepods.slice/kubepods-pod" + other.replace('-', '_') + ".slice/cri-x.scope",
        "1");
    assertThat(told.await(10, TimeUnit.SECONDS)).isTrue();
  }
}
