package dev.lodge.e2e.alone;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a VM lives through: its user's wishes, its own end, and the deaths around it. */
class LifeIT {
  /** A name of its own, since libvirt's are the host's. */
  private static final String VM = "life-" + Long.toHexString(System.nanoTime());

  private Installation lodge;
  private String tiny;

  @BeforeEach
  void start() throws Exception {
    lodge = Installation.start();
    tiny =
        Files.readString(Installation.EXAMPLES.resolve("tiny-kvm.yaml"))
            .replace("name: tiny-kvm", "name: " + VM);
  }

  @AfterEach
  void stop() throws Exception {
    if (lodge != null) {
      lodge.close();
    }
  }

  @Test
  void guests_outlive_the_agent_and_are_taken_up_again() throws Exception {
    lodge.put("tiny.yaml", tiny);
    lodge.awaitLog(VM, "serial", "LODGE-TINY-OK");
    long qemu = lodge.qemu(VM);
    String before = lodge.vm(VM).path("status").toString();
    assertThat(qemu).isPositive();

    lodge.killAgent();
    assertThat(ProcessHandle.of(qemu)).isPresent();
    lodge.startAgent();

    lodge.awaitPhase(VM, "Running");
    assertThat(lodge.qemu(VM)).isEqualTo(qemu);
    // Nothing changed, so nothing was written.
    assertThat(lodge.vm(VM).path("status").toString()).isEqualTo(before);
  }

  @Test
  void a_qemu_that_dies_is_started_again_by_restart_policy() throws Exception {
    lodge.put("tiny.yaml", tiny);
    lodge.awaitPhase(VM, "Running");
    long qemu = lodge.qemu(VM);

    lodge.awaitLog(VM, "serial", "LODGE-TINY-OK");
    assertThat(lodge.lodge("logs", VM, "--previous").code()).isEqualTo(3);

    ProcessHandle.of(qemu).orElseThrow().destroyForcibly();

    lodge.await(
        "another QEMU", Duration.ofSeconds(30), () -> lodge.qemu(VM) != qemu && lodge.qemu(VM) > 0);
    assertThat(lodge.lodge("describe", "vm", VM).out()).contains("GuestEnded");
    // Each boot has a log of its own, and an agent that begins in between loses none of it.
    lodge.awaitLog(VM, "serial", "LODGE-TINY-OK");
    assertThat(lodge.lodge("logs", VM).ok().out()).containsOnlyOnce("LODGE-TINY-OK");
    assertThat(lodge.lodge("logs", VM, "--previous").ok().out()).containsOnlyOnce("LODGE-TINY-OK");
    lodge.lodge("reset", VM).ok();
    lodge.killAgent();
    lodge.startAgent();
    lodge.await(
        "the guest's own reboot to be in the same log",
        Duration.ofSeconds(30),
        () -> lodge.lodge("logs", VM).out().split("LODGE-TINY-OK", -1).length == 3);
  }

  @Test
  void restart_policy_never_leaves_a_guest_that_ended() throws Exception {
    lodge.put(
        "tiny.yaml",
        tiny.replace("  hypervisor: KVM", "  restartPolicy: Never\n  hypervisor: KVM"));
    lodge.awaitPhase(VM, "Running");

    ProcessHandle.of(lodge.qemu(VM)).orElseThrow().destroyForcibly();

    lodge.awaitPhase(VM, "Failed");
    assertThat(lodge.lodge("describe", "vm", VM).out()).contains("restartPolicy leaves it so");
    // Not even a new agent starts it; a person does.
    lodge.killAgent();
    lodge.startAgent();
    assertThat(lodge.phase(VM)).isEqualTo("Failed");
    lodge.lodge("start", VM, "--wait").ok();
    assertThat(lodge.phase(VM)).isEqualTo("Running");
  }

  @Test
  void a_file_made_by_hand_is_never_rewritten_but_start_and_stop_work() throws Exception {
    lodge.put("tiny.yaml", tiny);
    lodge.awaitPhase(VM, "Running");

    lodge.lodge("stop", VM, "--wait").ok();
    assertThat(lodge.phase(VM)).isEqualTo("Stopped");
    lodge.lodge("start", VM, "--wait").ok();
    var edit = lodge.lodgeWithInput(tiny.replace("2Mi", "4Mi"), "apply", "-f", "-");

    assertThat(edit.code()).isNotZero();
    assertThat(edit.err()).contains("tiny.yaml");
    assertThat(Files.readString(lodge.manifests.resolve("tiny.yaml"))).isEqualTo(tiny);
  }

  @Test
  void a_removed_manifest_stops_its_vm_and_leaves_nothing() throws Exception {
    lodge.put("tiny.yaml", tiny);
    lodge.awaitPhase(VM, "Running");
    long qemu = lodge.qemu(VM);
    String uid = lodge.vm(VM).path("metadata").path("uid").asText();

    Files.delete(lodge.manifests.resolve("tiny.yaml"));

    lodge.await("the VM to go", Duration.ofSeconds(30), () -> lodge.vm(VM).isMissingNode());
    assertThat(ProcessHandle.of(qemu).filter(ProcessHandle::isAlive)).isEmpty();
    assertThat(lodge.state.resolve("vms").resolve(uid)).doesNotExist();
  }

  @Test
  void pause_resume_reset_and_restart_do_what_they_say() throws Exception {
    lodge.put("tiny.yaml", tiny);
    lodge.awaitPhase(VM, "Running");
    long first = lodge.qemu(VM);

    lodge.lodge("pause", VM).ok();
    assertThat(lodge.phase(VM)).isEqualTo("Paused");
    lodge.lodge("resume", VM).ok();
    assertThat(lodge.phase(VM)).isEqualTo("Running");
    lodge.lodge("reset", VM).ok();
    assertThat(lodge.qemu(VM)).isEqualTo(first);
    lodge.lodge("restart", VM, "--wait").ok();

    assertThat(lodge.qemu(VM)).isPositive().isNotEqualTo(first);
    assertThat(lodge.vm(VM).path("status").path("epoch").asLong()).isEqualTo(2);
  }

  @Test
  void a_change_that_needs_a_restart_waits_for_one_and_is_shown() throws Exception {
    lodge.put("tiny.yaml", tiny);
    lodge.awaitPhase(VM, "Running");
    long qemu = lodge.qemu(VM);

    lodge.put("tiny.yaml", tiny.replace("size: 2Mi", "size: 4Mi"));

    lodge.await(
        "the change to be listed",
        Duration.ofSeconds(20),
        () -> lodge.vm(VM).path("status").path("restartAwaitingChanges").size() == 1);
    assertThat(lodge.qemu(VM)).isEqualTo(qemu);
    assertThat(lodge.vm(VM).at("/status/restartAwaitingChanges/0").toString())
        .contains("memory.size", "2Mi", "4Mi");
    lodge.lodge("restart", VM, "--wait").ok();
    assertThat(lodge.vm(VM).path("status").has("restartAwaitingChanges")).isFalse();
  }

  @Test
  void a_broken_edit_keeps_the_last_good_wish() throws Exception {
    lodge.put("tiny.yaml", tiny);
    lodge.awaitPhase(VM, "Running");
    long qemu = lodge.qemu(VM);

    lodge.put("tiny.yaml", tiny.replace("size: 2Mi", "size: two"));

    lodge.await(
        "the mistake to be told",
        Duration.ofSeconds(20),
        () -> lodge.agentLog().contains("memory.size"));
    assertThat(lodge.qemu(VM)).isEqualTo(qemu);
    assertThat(lodge.phase(VM)).isEqualTo("Running");
  }

  @Test
  void libvirtd_may_be_killed_and_started_again() throws Exception {
    lodge.put("tiny.yaml", tiny);
    lodge.awaitPhase(VM, "Running");
    long qemu = lodge.qemu(VM);

    lodge.await("to be ready", Duration.ofSeconds(20), () -> lodge.get("/readyz").endsWith("ok"));

    lodge.killLibvirtd();
    lodge.await(
        "the agent to say that libvirt is away",
        Duration.ofSeconds(60),
        () -> lodge.get("/readyz").contains("not ready: libvirt cannot be reached: "));
    assertThat(lodge.get("/readyz")).startsWith("HTTP/1.1 500 ");
    assertThat(lodge.get("/livez")).endsWith("ok");
    lodge.startLibvirtd();

    lodge.await(
        "the agent to be ready again",
        Duration.ofSeconds(60),
        () -> lodge.get("/readyz").endsWith("ok"));
    lodge.await(
        "the agent to be connected again",
        Duration.ofSeconds(60),
        () -> lodge.lodge("pause", VM).code() == 0);
    lodge.lodge("resume", VM).ok();
    assertThat(lodge.qemu(VM)).isEqualTo(qemu);
    assertThat(lodge.phase(VM)).isEqualTo("Running");
  }

  @Test
  void after_a_power_loss_guests_come_back_as_their_power_state_says() throws Exception {
    lodge.put("tiny.yaml", tiny);
    lodge.put(
        "off.yaml", tiny.replace(VM, VM + "-off").replace("name: tinyrom", "name: tinyrom-off"));
    lodge.awaitPhase(VM, "Running");
    lodge.awaitPhase(VM + "-off", "Running");
    lodge.lodge("stop", VM + "-off", "--wait").ok();

    lodge.reboot();

    lodge.awaitPhase(VM, "Running");
    assertThat(lodge.vm(VM).at("/status/epoch").asLong()).isEqualTo(2);
    assertThat(lodge.vm(VM).at("/status/claimBootGeneration").asLong()).isEqualTo(2);
    assertThat(lodge.phase(VM + "-off")).isEqualTo("Stopped");
  }

  @Test
  void a_linux_guest_is_asked_to_restart_and_does_so_once() throws Exception {
    lodge.put("mini.yaml", mini());
    lodge.awaitLog(VM, "virtio", "GUEST-READY");
    long qemu = lodge.qemu(VM);

    lodge.lodge("restart", VM, "--wait").ok();

    assertThat(lodge.qemu(VM)).isPositive().isNotEqualTo(qemu);
    assertThat(lodge.vm(VM).at("/status/epoch").asLong()).isEqualTo(2);
    assertThat(lodge.vm(VM).path("status").has("requests")).isFalse();
    // It was asked, and went by itself.
    String told = lodge.lodge("describe", "vm", VM).out();
    assertThat(told).contains("pressed the power button").doesNotContain("pulled the plug");
    lodge.awaitLog(VM, "virtio", "GUEST-READY");
    assertThat(lodge.lodge("logs", VM).ok().out()).containsOnlyOnce("GUEST-READY");
  }

  @Test
  void a_forced_stop_ends_a_graceful_one_that_waits() throws Exception {
    // A guest that knows no power button, and much patience with it.
    lodge.put("tiny.yaml", tiny.replace("gracePeriodSeconds: 0", "gracePeriodSeconds: 600"));
    lodge.awaitPhase(VM, "Running");
    lodge.lodge("stop", VM).ok();
    lodge.awaitPhase(VM, "Stopping");

    lodge.lodge("stop", VM, "--force", "--wait", "--timeout", "30s").ok();

    assertThat(lodge.phase(VM)).isEqualTo("Stopped");
    assertThat(lodge.qemu(VM)).isZero();
  }

  @Test
  void a_manifest_removed_while_its_guest_starts_leaves_nothing() throws Exception {
    String manifest =
        Files.readString(Installation.EXAMPLES.resolve("cloud-init.yaml"))
            .replace("  name: cloud-init\n", "  name: " + VM + "\n")
            // A guest that still boots does not hear the power button.
            .replace("  cpu:\n", "  stop: {gracePeriodSeconds: 1}\n  cpu:\n");
    int at = manifest.lastIndexOf("---\n");
    lodge.put("parts.yaml", manifest.substring(0, at));
    // Before its image is here, and while QEMU starts.
    for (String when : List.of("", "Running")) {
      lodge.put("vm.yaml", manifest.substring(at + 4));
      lodge.await(
          "the VM",
          Duration.ofSeconds(20),
          () -> !lodge.vm(VM).at("/metadata/uid").isMissingNode());
      String uid = lodge.vm(VM).at("/metadata/uid").asText();
      lodge.await(
          "the VM to be " + when,
          Duration.ofSeconds(60),
          () -> when.isEmpty() || lodge.phase(VM).matches(when));

      Files.delete(lodge.manifests.resolve("vm.yaml"));

      lodge.await("the VM to go", Duration.ofSeconds(90), () -> lodge.vm(VM).isMissingNode());
      assertThat(lodge.state.resolve("vms").resolve(uid)).doesNotExist();
      lodge.inside("! virsh -q list --all --name | grep -q " + VM);
      lodge.inside("! grep -q " + uid + " /proc/*/mounts");
      assertThat(lodge.qemuOf(uid)).isZero();
      assertThat(lodge.lodge("get", "vmnet", "default", "-o", "json").out())
          .as("no address is kept for it")
          .doesNotContain("\"addressesUsed\": 1", "\"addressesUsed\":1");
    }
  }

  /** The kernel-boot example under this test's name. */
  private static String mini() throws Exception {
    return Files.readString(Installation.EXAMPLES.resolve("kernel-boot.yaml"))
        .replace("  name: kernel-boot\n", "  name: " + VM + "\n");
  }
}
