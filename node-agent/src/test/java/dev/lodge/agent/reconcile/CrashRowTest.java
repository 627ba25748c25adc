package dev.lodge.agent.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A guest that crashes again and again. */
class CrashRowTest {
  @TempDir private Path directory;
  private OneVm vm;

  @BeforeEach
  void a_guest_that_runs() throws Exception {
    vm = new OneVm(directory, "");
    vm.pass();
  }

  @AfterEach
  void close() {
    vm.close();
  }

  private void crash() {
    vm.hypervisor.guests().killQemu(OneVm.DOMAIN);
    vm.pass();
  }

  @Test
  void the_first_restart_follows_at_once_and_each_further_one_waits_longer() {
    crash();
    assertThat(vm.status().phase()).isEqualTo("Running");

    crash();
    assertThat(vm.ready().reason()).isEqualTo("BackingOff");
    assertThat(vm.ready().message()).contains("crashed 2 times in a row", "lodge logs");
    vm.passAfter(Duration.ofSeconds(1));
    assertThat(vm.status().phase()).isEqualTo("Running");

    crash();
    vm.passAfter(Duration.ofSeconds(1));
    assertThat(vm.ready().reason()).isEqualTo("BackingOff");
    vm.passAfter(Duration.ofSeconds(1));
    assertThat(vm.status().phase()).isEqualTo("Running");
  }

  @Test
  void a_guest_that_ran_for_long_begins_a_new_row() {
    crash();
    vm.passAfter(Duration.ofMinutes(11));

    crash();

    assertThat(vm.status().phase()).isEqualTo("Running");
  }

  @Test
  void a_person_who_starts_it_waits_for_nothing() {
    crash();
    crash();
    assertThat(vm.ready().reason()).isEqualTo("BackingOff");

    vm.ask("Start", false);
    vm.pass();

    assertThat(vm.status().phase()).isEqualTo("Running");
  }
}
