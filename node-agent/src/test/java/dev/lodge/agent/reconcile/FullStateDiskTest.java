package dev.lodge.agent.reconcile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.lodge.agent.hostfile.BindMounts;
import dev.lodge.testkit.hypervisor.HypervisorCall;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The state lies on a file system of its own, which is full. */
class FullStateDiskTest {
  @TempDir private Path directory;
  private Path small;
  private Path filler;
  private OneVm vm;

  @BeforeEach
  void a_small_file_system() throws Exception {
    assumeTrue(BindMounts.possible(), "mounting needs root");
    small = Files.createDirectories(directory.resolve("small"));
    assertThat(run("mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", small.toString())).isZero();
    filler = small.resolve("filler");
    vm = new OneVm(small, "\"stop\":{\"gracePeriodSeconds\":0}");
  }

  @AfterEach
  void unmount() throws Exception {
    if (vm != null) {
      vm.close();
      assertThat(run("umount", small.toString())).isZero();
    }
  }

  private static int run(String... command) throws IOException, InterruptedException {
    return new ProcessBuilder(command).inheritIO().start().waitFor();
  }

  private void fill() throws IOException {
    try (OutputStream out = Files.newOutputStream(filler)) {
      for (byte[] block = new byte[4096]; ; ) {
        out.write(block);
      }
    } catch (IOException full) {
      assertThat(full).hasMessageContaining("No space left");
    }
  }

  @Test
  void nothing_is_started_without_a_record_and_the_guest_starts_once_there_is_room()
      throws IOException {
    fill();

    vm.pass();
    vm.pass();

    assertThat(vm.hypervisor.calls()).doesNotContain(HypervisorCall.START);
    assertThat(vm.status().claimedBy()).isNull();
    assertThat(warnings()).hasSize(1);
    assertThat(warnings().getFirst()).contains("NodeRecordFailed", "cannot be written");
    Files.delete(filler);
    vm.passAfter(Duration.ofSeconds(5));
    assertThat(vm.status().phase()).isEqualTo("Running");
    assertThat(vm.status().epoch()).isEqualTo(1);
  }

  @Test
  void an_agent_that_stops_has_nothing_to_warn_of() throws IOException {
    fill();
    vm.stopLoop();

    vm.pass();

    assertThat(warnings()).isEmpty();
  }

  @Test
  void a_guest_that_runs_is_stopped_all_the_same_and_released_once_there_is_room()
      throws IOException {
    vm.pass();
    vm.powerState("PoweredOff");
    fill();

    vm.pass();

    assertThat(vm.domain()).isEmpty();
    assertThat(vm.status().released()).isNotEqualTo(true);
    Files.delete(filler);
    vm.passAfter(Duration.ofSeconds(5));
    assertThat(vm.status().phase()).isEqualTo("Stopped");
    assertThat(vm.status().released()).isTrue();
    assertThat(vm.record().releasedThrough()).isEqualTo(1);
  }

  @Test
  void a_guest_that_ended_while_the_disk_was_full_is_not_started_twice() throws IOException {
    vm.pass();
    fill();
    vm.hypervisor.guests().killQemu(OneVm.DOMAIN);

    vm.pass();
    Files.delete(filler);
    vm.passAfter(Duration.ofSeconds(5));
    vm.passAfter(Duration.ofSeconds(5));

    assertThat(vm.ready().message()).isEqualTo("the guest runs");
    assertThat(vm.hypervisor.calls().stream().filter(c -> c == HypervisorCall.START)).hasSize(2);
  }

  @Test
  void a_guest_is_reset_once_though_the_status_cannot_say_so() throws IOException {
    vm.pass();
    vm.ask("Reset", false);
    fill();

    vm.pass();
    vm.passAfter(Duration.ofSeconds(5));
    Files.delete(filler);
    vm.passAfter(Duration.ofSeconds(5));

    assertThat(vm.hypervisor.calls().stream().filter(c -> c == HypervisorCall.RESET)).hasSize(1);
    assertThat(vm.status().requests()).isNull();
    assertThat(vm.status().operations()).hasSize(1);
  }

  private List<String> warnings() {
    return vm.events.stream().filter(e -> e.startsWith("warning")).toList();
  }
}
