package dev.lodge.agent.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lodge.domain.hypervisor.HypervisorFailure;
import dev.lodge.testkit.hypervisor.HypervisorCall;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Starts that go wrong: at most one guest, and the reason in the condition. */
class StartFaultsTest {
  private static final HypervisorFailure STUCK =
      new HypervisorFailure.TimedOut("libvirt did not answer within 10 s");

  @TempDir private Path directory;
  private OneVm vm;

  @BeforeEach
  void a_vm_that_was_never_started() throws Exception {
    vm = new OneVm(directory, "");
  }

  @AfterEach
  void close() {
    vm.close();
  }

  private long starts() {
    return vm.hypervisor.calls().stream().filter(c -> c == HypervisorCall.START).count();
  }

  @Test
  void a_start_whose_reply_is_lost_is_found_to_run_and_not_repeated() {
    vm.hypervisor.loseReplyOfNext(HypervisorCall.START, 1);

    vm.pass();

    assertThat(vm.status().phase()).isEqualTo("Running");
    assertThat(vm.status().epoch()).isEqualTo(1);
    vm.pass();
    assertThat(starts()).isEqualTo(1);
    assertThat(vm.events).noneMatch(e -> e.startsWith("warning"));
    assertThat(vm.events).anyMatch(e -> e.startsWith("Started"));
  }

  @Test
  void a_lost_reply_and_a_connection_that_is_stuck_leave_it_unknown_until_it_answers() {
    vm.hypervisor.loseReplyOfNext(HypervisorCall.START, 1);
    // One look before the start; the one after it gets no answer.
    vm.passWithStuckLook();

    assertThat(vm.status().phase()).isEqualTo("Unknown");
    assertThat(vm.ready().reason()).isEqualTo("HypervisorUnavailable");
    assertThat(vm.ready().message()).contains("did not answer");
    vm.pass();

    assertThat(vm.status().phase()).isEqualTo("Running");
    assertThat(vm.status().epoch()).isEqualTo(1);
    assertThat(starts()).isEqualTo(1);
  }

  @Test
  void an_agent_that_dies_after_a_lost_reply_leaves_the_guest_to_the_next_one() {
    vm.hypervisor.loseReplyOfNext(HypervisorCall.START, 1);
    vm.passWithStuckLook();

    vm.newAgent();
    vm.pass();

    assertThat(vm.status().phase()).isEqualTo("Running");
    assertThat(starts()).isEqualTo(1);
  }

  @Test
  void a_start_that_was_never_carried_out_is_tried_again_later_and_not_at_once() {
    vm.hypervisor.failNext(HypervisorCall.START, 1, STUCK);

    vm.pass();

    assertThat(starts()).isEqualTo(1);
    assertThat(vm.ready().reason()).isEqualTo("HypervisorUnavailable");
    vm.passAfter(Duration.ofSeconds(2));
    assertThat(vm.status().phase()).isEqualTo("Running");
    assertThat(vm.status().epoch()).isEqualTo(1);
    assertThat(vm.events).noneMatch(e -> e.startsWith("GuestEnded"));
  }

  @Test
  void a_stuck_connection_starts_nothing() {
    vm.hypervisor.failNext(HypervisorCall.FIND, 1, STUCK);

    vm.pass();

    assertThat(vm.status().phase()).isEqualTo("Unknown");
    assertThat(vm.ready().reason()).isEqualTo("HypervisorUnavailable");
    assertThat(starts()).isZero();
  }

  @Test
  void a_guest_runs_on_while_the_connection_is_lost() {
    vm.pass();
    int pid = vm.domain().orElseThrow().pid();
    vm.hypervisor.disconnect("end of file");

    vm.pass();

    assertThat(vm.ready().message()).contains("end of file", "go on running");
    vm.hypervisor.reconnect();
    vm.pass();
    assertThat(vm.status().phase()).isEqualTo("Running");
    assertThat(vm.domain().orElseThrow().pid()).isEqualTo(pid);
  }

  @Test
  void a_qemu_that_dies_at_once_has_its_last_words_in_the_condition() {
    vm.hypervisor.dieAtNextStart("qemu-system-i386: could not load the firmware");

    vm.pass();

    assertThat(vm.status().phase()).isEqualTo("Failed");
    assertThat(vm.ready().reason()).isEqualTo("QemuFailed");
    assertThat(vm.ready().message()).contains("could not load the firmware", "next try in 1 s");
    assertThat(vm.released.get()).isPositive();
    vm.pass();
    assertThat(starts()).as("not before its time").isEqualTo(1);
    vm.passAfter(Duration.ofSeconds(2));
    assertThat(vm.status().phase()).isEqualTo("Running");
    assertThat(vm.events).noneMatch(e -> e.startsWith("GuestEnded"));
  }

  @Test
  void a_qemu_that_has_not_opened_its_disks_is_stopped_and_not_tried_in_a_row() {
    vm.notOpened = List.of("root");

    vm.pass();

    assertThat(starts()).isEqualTo(1);
    assertThat(vm.domain()).isEmpty();
    assertThat(vm.ready().reason()).isEqualTo("DiskFailed");
    assertThat(vm.ready().message()).contains("has not opened disks [root]");
  }

  @Test
  void a_vm_deleted_while_its_start_is_in_doubt_leaves_no_guest() {
    vm.hypervisor.loseReplyOfNext(HypervisorCall.START, 1);
    vm.passWithStuckLook();
    vm.ask("Stop", true);

    vm.delete();
    vm.pass();

    assertThat(vm.domain()).isEmpty();
    assertThat(vm.exists()).isFalse();
    assertThat(vm.deleted.get()).isEqualTo(1);
    assertThat(vm.released.get()).isPositive();
  }
}
