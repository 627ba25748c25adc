package dev.lodge.agent.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lodge.testkit.hypervisor.HypervisorCall;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StoppingTest {
  @TempDir private Path directory;
  private OneVm vm;

  @BeforeEach
  void a_guest_that_runs() throws Exception {
    vm = new OneVm(directory, "\"stop\":{\"gracePeriodSeconds\":30}");
    vm.pass();
    assertThat(vm.status().phase()).isEqualTo("Running");
  }

  @AfterEach
  void close() {
    vm.close();
  }

  @Test
  void a_stop_presses_the_button_and_waits_for_the_guest() {
    vm.powerState("PoweredOff");
    vm.pass();

    assertThat(vm.status().phase()).isEqualTo("Stopping");
    assertThat(vm.domain()).isPresent();
    vm.passAfter(Duration.ofSeconds(3));
    assertThat(vm.status().phase()).isEqualTo("Stopped");
    assertThat(vm.hypervisor.calls()).doesNotContain(HypervisorCall.DESTROY);
  }

  @Test
  void a_guest_that_pays_no_heed_is_switched_off_at_the_end_of_its_grace() {
    vm.hypervisor.guests().ignorePowerButton(OneVm.DOMAIN);
    vm.powerState("PoweredOff");
    vm.pass();

    vm.passAfter(Duration.ofSeconds(29));
    assertThat(vm.status().phase()).isEqualTo("Stopping");
    vm.passAfter(Duration.ofSeconds(1));

    assertThat(vm.status().phase()).isEqualTo("Stopped");
    assertThat(vm.events).anyMatch(e -> e.startsWith("warning Killing"));
  }

  @Test
  void a_forced_stop_never_presses_the_button() {
    vm.ask("Stop", true);
    vm.powerState("PoweredOff");
    vm.pass();

    assertThat(vm.domain()).isEmpty();
    assertThat(vm.status().phase()).isEqualTo("Stopped");
    assertThat(vm.hypervisor.calls()).doesNotContain(HypervisorCall.SHUTDOWN);
    assertThat(vm.status().requests()).isNull();
  }

  @Test
  void a_forced_stop_cuts_a_graceful_one_short() {
    vm.powerState("PoweredOff");
    vm.pass();
    assertThat(vm.status().phase()).isEqualTo("Stopping");

    vm.ask("Stop", true);
    vm.pass();

    assertThat(vm.domain()).isEmpty();
    assertThat(vm.status().phase()).isEqualTo("Stopped");
  }

  @Test
  void a_forced_restart_gives_another_guest_at_once() {
    int first = vm.domain().orElseThrow().pid();
    vm.ask("Restart", true);
    vm.pass();

    assertThat(vm.domain().orElseThrow().pid()).isNotEqualTo(first);
    assertThat(vm.status().epoch()).isEqualTo(2);
    assertThat(vm.status().phase()).isEqualTo("Running");
    assertThat(vm.hypervisor.calls()).doesNotContain(HypervisorCall.SHUTDOWN);
  }

  @Test
  void a_restart_with_grace_gives_exactly_one_new_epoch() {
    vm.ask("Restart", false);
    vm.pass();
    assertThat(vm.status().phase()).isEqualTo("Stopping");
    vm.passAfter(Duration.ofSeconds(3));
    vm.pass();
    vm.pass();

    assertThat(vm.status().epoch()).isEqualTo(2);
    assertThat(vm.status().requests()).isNull();
    assertThat(vm.hypervisor.calls().stream().filter(c -> c == HypervisorCall.START)).hasSize(2);
  }

  @Test
  void what_a_guest_said_is_set_aside_once_for_each_start_while_none_runs() {
    vm.ask("Restart", true);
    vm.pass();
    vm.pass();

    assertThat(vm.events.stream().filter(e -> e.startsWith("starting")))
        .containsExactly("starting, domain absent", "starting, domain absent");
  }

  @Test
  void a_guest_that_is_being_stopped_still_counts_as_running() {
    vm.powerState("PoweredOff");
    vm.pass();
    vm.pass();

    assertThat(vm.runtime().runs()).isTrue();
    assertThat(vm.runtime().stopped()).isFalse();
    vm.passAfter(Duration.ofSeconds(3));
    assertThat(vm.runtime().runs()).isFalse();
    assertThat(vm.runtime().stopped()).isTrue();
  }

  @Test
  void nothing_is_said_to_be_stopped_that_nobody_has_looked_at() {
    vm.newAgent();

    assertThat(vm.runtime().stopped()).isFalse();
  }

  /** Its disks may be another node's by now: it is not asked, and it does not start again here. */
  @Test
  void a_guest_of_a_boot_that_was_declared_over_is_switched_off_at_once() {
    vm.fence();
    vm.pass();
    vm.pass();

    assertThat(vm.domain()).isEmpty();
    assertThat(vm.hypervisor.calls()).contains(HypervisorCall.DESTROY);
    assertThat(vm.hypervisor.calls().stream().filter(HypervisorCall.START::equals)).hasSize(1);
  }
}
