package dev.lodge.domain.ownership;

import static dev.lodge.domain.ownership.HostFacts.Taint.NONE;
import static dev.lodge.domain.ownership.HostFacts.Taint.OURS;
import static dev.lodge.domain.ownership.HostFacts.Taint.THEIRS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lodge.domain.ownership.HostFacts.Taint;
import org.junit.jupiter.api.Test;

class FencingTest {
  @Test
  void a_taint_proves_the_present_boot_over_once() {
    HostFacts lost = host(3, 1, false, THEIRS, false, false);
    assertThat(Fencing.decide(lost)).isEqualTo(new FencingAction.WriteFenced(lost, 3, true, false));
    assertThat(Fencing.decide(host(3, 3, false, THEIRS, true, false))).isNull();
    assertThat(Fencing.decide(host(4, 3, false, THEIRS, true, true)))
        .as("the machine has booted under the same taint")
        .isNull();
  }

  @Test
  void a_taint_that_a_boot_began_under_proves_the_one_before() {
    HostFacts late = host(4, 1, false, THEIRS, false, true);
    assertThat(Fencing.decide(late)).isEqualTo(new FencingAction.WriteFenced(late, 3, true, true));
  }

  @Test
  void a_machine_that_answers_is_not_off() {
    assertThat(Fencing.decide(host(3, 1, true, THEIRS, false, false))).isNull();
  }

  @Test
  void once_the_taint_is_gone_the_next_one_counts_again() {
    HostFacts gone = host(4, 3, true, NONE, true, true);
    assertThat(Fencing.decide(gone))
        .isEqualTo(new FencingAction.WriteFenced(gone, 3, false, false));
  }

  @Test
  void another_proof_sets_the_taint_and_a_new_boot_takes_it_off() {
    assertThat(Fencing.decide(host(3, 3, false, NONE, false, false)))
        .isEqualTo(new FencingAction.SetTaint("a"));
    assertThat(Fencing.decide(host(3, 3, false, OURS, false, false))).isNull();
    assertThat(Fencing.decide(host(4, 3, true, OURS, false, false)))
        .isEqualTo(new FencingAction.RemoveTaint("a"));
  }

  @Test
  void a_host_without_an_agent_has_no_boot_to_speak_of() {
    assertThat(Fencing.decide(host(0, 0, false, THEIRS, false, false))).isNull();
  }

  private static HostFacts host(
      long boot, long fenced, boolean ready, Taint taint, boolean seen, boolean atBoot) {
    return new HostFacts("a", boot, fenced, ready, taint, seen, atBoot);
  }
}
