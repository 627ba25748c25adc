package dev.lodge.domain.ownership;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lodge.domain.ownership.Bounds.Fault;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/**
 * The product's own decisions, of agents and of the operator, through all that can happen, breadth
 * first. In every state: W no VM runs twice and no disk has two writers; E no epoch goes back, and
 * a new owner raises it by one; M no guest resumes from stale memory. From states all over the
 * search, once the faults end, it comes to rest as the user wants it.
 *
 * <p>{@code -Dlodge.explore.states=N} goes on to N states in each search that does not end by
 * itself ({@code make explore}: 10^7).
 */
class OwnershipExplorerTest {
  private static final int STATES = Integer.getInteger("lodge.explore.states", 300_000);

  @Test
  void two_vms_that_name_one_disk() {
    check(
        new Bounds()
            .processes(new int[] {1, 0}, new int[] {0, 1})
            .disk()
            .with(Fault.STALE_LEADER, Fault.WISH_STOP, Fault.REPLY_LOST, Fault.GUEST_DIES),
        false);
  }

  /** Small enough to go through to the end. */
  @Test
  void two_vms_that_name_one_disk_to_the_end() {
    Explorer.Found found =
        check(
            new Bounds()
                .processes(new int[] {1, 0}, new int[] {0, 1})
                .disk()
                .epochs(2)
                .oldLeaderOf(0)
                .with(Fault.WISH_STOP),
            true);
    assertThat(found.exhausted()).isTrue();
  }

  @Test
  void two_vms_that_name_one_disk_now_and_then() {
    check(
        new Bounds()
            .processes(new int[] {1, 0}, new int[] {0, 1})
            .disk()
            .with(Fault.STALE_LEADER, Fault.WISH_STOP, Fault.SPEC_EDIT, Fault.AGENT_KILLED),
        true);
  }

  @Test
  void two_vms_that_name_one_disk_on_machines_that_fail() {
    check(
        new Bounds()
            .processes(new int[] {1, 1}, new int[] {0, 1})
            .disk()
            .with(Fault.POWER, Fault.TAINT, Fault.WISH_STOP, Fault.REPLY_LOST)
            .boots(2),
        true);
  }

  @Test
  void one_vm_that_migrates_with_a_second_agent_process_on_its_host() {
    Explorer.Found found =
        check(
            new Bounds()
                .processes(new int[] {2, 1})
                .with(
                    Fault.MIGRATION,
                    Fault.AGENT_KILLED,
                    Fault.REPLY_LOST,
                    Fault.LATE_WRITE,
                    Fault.GUEST_DIES),
            true);
    assertThat(found.resumed()).isTrue();
  }

  @Test
  void one_vm_that_migrates_between_machines_that_fail() {
    Explorer.Found found =
        check(
            new Bounds()
                .with(Fault.MIGRATION, Fault.POWER, Fault.TAINT, Fault.REPLY_LOST, Fault.WISH_STOP)
                .boots(2)
                .epochs(4),
            true);
    assertThat(found.resumed()).isTrue();
  }

  /** Small enough to go through to the end. */
  @Test
  void one_vm_that_migrates_to_the_end() {
    Explorer.Found found =
        check(
            new Bounds().with(Fault.MIGRATION, Fault.GUEST_DIES, Fault.REPLY_LOST, Fault.WISH_STOP),
            true);
    assertThat(found.exhausted()).isTrue();
    assertThat(found.resumed()).isTrue();
  }

  @Test
  void one_vm_and_everything_that_can_fail_without_migration() {
    check(
        new Bounds()
            .processes(new int[] {2, 1})
            .with(
                Fault.AGENT_KILLED,
                Fault.POWER,
                Fault.TAINT,
                Fault.GUEST_DIES,
                Fault.ENTRY_LOST,
                Fault.LATE_WRITE,
                Fault.REPLY_LOST,
                Fault.HYPERVISOR_FAILS,
                Fault.SLOT_LOST,
                Fault.WISH_STOP,
                Fault.STALE_LEADER,
                Fault.LOOKS_AGAIN)
            .boots(2),
        true);
  }

  /** Small enough to go through to the end. */
  @Test
  void one_vm_whose_api_server_and_host_lock_do_not_answer() {
    Explorer.Found found =
        check(
            new Bounds()
                .processes(new int[] {2, 1})
                .with(
                    Fault.NO_ANSWER,
                    Fault.REPLY_LOST,
                    Fault.WISH_STOP,
                    Fault.GUEST_DIES,
                    Fault.HYPERVISOR_FAILS)
                .epochs(2),
            true);
    assertThat(found.exhausted()).isTrue();
  }

  /** Entry, domain and record are of different moments. */
  @Test
  void one_vm_whose_agents_read_one_thing_after_the_other() {
    check(
        new Bounds()
            .processes(new int[] {2, 1})
            .with(Fault.WISH_STOP, Fault.GUEST_DIES, Fault.LATE_WRITE, Fault.POWER)
            .boots(2)
            .lazyReads(),
        true);
  }

  @Test
  void the_search_finds_a_guest_that_runs_twice() {
    var model = new Model(new Bounds());
    int[] w = Convergence.running(model);
    model.runs(w, 0, 1, 7, false);
    assertThat(model.violation(w)).contains("runs twice");
  }

  private static Explorer.Found check(Bounds bounds, boolean running) {
    var model = new Model(bounds);
    int[] first = running ? Convergence.running(model) : model.initial();
    Explorer.Found found = new Explorer(model, STATES).explore(first);
    System.out.println(name() + ": " + found);
    assertThat(found.violation()).as("%s", found.path()).isNull();
    assertThat(found.ran()).isTrue();
    assertThat(found.exhausted() || found.states() >= STATES).isTrue();
    converges(model, found);
    return found;
  }

  private static void converges(Model model, Explorer.Found found) {
    var convergence = new Convergence(model);
    for (int[] w : found.samples()) {
      for (boolean run : new boolean[] {true, false}) {
        int[] after = w.clone();
        String failure = convergence.failure(after, run);
        assertThat(failure)
            .as("from %s, wish to run: %s, to %s", Arrays.toString(w), run, Arrays.toString(after))
            .isNull();
      }
    }
  }

  private static String name() {
    return StackWalker.getInstance()
        .walk(s -> s.skip(2).findFirst())
        .map(StackWalker.StackFrame::getMethodName)
        .orElse("");
  }
}
