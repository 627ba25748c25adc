package dev.lodge.e2e.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Predicate;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The agent, libvirtd or QEMU of a node dies or sleeps (faults 1, 3, 5, 6, 7). */
class AgentFaultsE2E {
  @BeforeAll
  static void bed() {
    Bed.required();
  }

  private static final String NODE = "node1";

  /** When in the way of a start an agent dies. */
  private enum Step {
    BEFORE_CLAIM(Interceptor.Request::claim, false),
    AFTER_CLAIM(Interceptor.Request::claim, true),
    BEFORE_TOLD(Interceptor.Request::running, false),
    AFTER_TOLD(Interceptor.Request::running, true),
    BEFORE_RELEASE(Interceptor.Request::released, false),
    AFTER_RELEASE(Interceptor.Request::released, true);

    private final Predicate<Interceptor.Request> at;
    private final boolean written;

    Step(Predicate<Interceptor.Request> at, boolean written) {
      this.at = at;
      this.written = written;
    }
  }

  @Test
  void guests_run_on_while_the_agent_is_dead_and_what_was_asked_is_done_by_the_next() {
    try (Trial trial = Trial.of("agent-killed")) {
      // Given
      Vm before = trial.vmOn(NODE, "before");
      Vm.Qemu qemu = before.running();
      long epoch = before.epoch();

      // When
      Agents.kill(NODE);
      Vm asked = trial.vmOn(NODE, "asked");

      // Then
      asked.running();
      assertThat(before.qemu(NODE)).contains(qemu);
      assertThat(before.epoch()).isEqualTo(epoch);
      assertThat(asked.epoch()).isEqualTo(1);
    }
  }

  @Test
  void an_agent_that_dies_at_any_write_of_a_start_or_stop_leaves_one_guest_or_none() {
    try (Trial trial = Trial.of("agent-steps");
        Interceptor line = Interceptor.before(NODE)) {
      Vm other = trial.vmOn(NODE, "other");
      Vm.Qemu qemu = other.running();
      Vm vm = trial.vmOn(NODE, "vm");
      vm.power(false).awaitPhase("Stopped");
      for (Step step : Step.values()) {
        // Given
        var died = new CountDownLatch(1);
        var once = new AtomicBoolean();
        line.befalls(
            (request, server) -> {
              if (!step.at.test(request)
                  || !request.path().contains("/vm/")
                  || !once.compareAndSet(false, true)) {
                return Optional.empty();
              }
              if (step.written) {
                assertThat(server.carry().code()).isEqualTo(200);
              }
              Agents.kill(NODE);
              died.countDown();
              return Optional.of(Interceptor.Reply.lost());
            });

        // When
        vm.power(true);
        if (step.ordinal() >= Step.BEFORE_RELEASE.ordinal()) {
          vm.running();
          vm.power(false);
        }
        await(died, step.toString());
        Agents.replace(NODE);

        // Then
        if (step.ordinal() < Step.BEFORE_RELEASE.ordinal()) {
          vm.running();
        }
        vm.power(false).awaitPhase("Stopped");
        assertThat(vm.qemu(NODE)).as(step.toString()).isEmpty();
      }
      assertThat(other.qemu(NODE)).contains(qemu);
    }
  }

  @Test
  void guests_run_on_while_libvirtd_is_dead_and_its_successor_is_told_what_was_asked() {
    try (Trial trial = Trial.of("libvirtd-killed")) {
      // Given
      Vm stays = trial.vmOn(NODE, "stays");
      Vm stops = trial.vmOn(NODE, "stops");
      Vm.Qemu qemu = stays.running();
      stops.running();

      // When
      Bed.fault("process", NODE, "libvirtd", "kill");
      stops.power(false);
      Vm asked = trial.vmOn(NODE, "asked");
      Await.always(
          "the guest", Duration.ofSeconds(3), () -> stays.qemu(NODE).equals(Optional.of(qemu)));
      Bed.fault("process", NODE, "libvirtd", "start");

      // Then
      asked.running();
      stops.awaitPhase("Stopped");
      assertThat(stops.qemu(NODE)).isEmpty();
      assertThat(stays.qemu(NODE)).contains(qemu);
      assertThat(stays.epoch()).isEqualTo(1);
    }
  }

  @Test
  void a_guest_whose_qemu_crashed_is_started_once_more_in_its_epoch() {
    try (Trial trial = Trial.of("qemu-crashed")) {
      // Given
      Vm vm = trial.vmOn(NODE, "vm");
      Vm other = trial.vmOn(NODE, "other");
      Vm.Qemu first = vm.running();
      Vm.Qemu untouched = other.running();

      // When
      Bed.node(NODE, "kill", "-SEGV", first.pid()).ok();

      // Then
      Await.until(
          "another QEMU",
          Vm.SOON,
          () -> vm.qemu(NODE).filter(q -> !q.equals(first)).isPresent(),
          vm::story);
      Vm.Qemu second = vm.running();
      Await.always(
          "the second QEMU",
          Duration.ofSeconds(4),
          () -> vm.qemu(NODE).equals(Optional.of(second)));
      assertThat(vm.epoch()).isEqualTo(1);
      assertThat(vm.slots()).hasSize(1);
      assertThat(other.qemu(NODE)).contains(untouched);
    }
  }

  /** The claim is on its way while the VM is taken back, and arrives when it is another's. */
  @Test
  void a_claim_that_comes_late_is_refused_and_its_agent_starts_nothing() {
    try (Trial trial = Trial.of("late-claim");
        Interceptor line = Interceptor.before(NODE)) {
      // Given
      var asleep = new CountDownLatch(1);
      var wake = new CountDownLatch(1);
      var code = new java.util.concurrent.atomic.AtomicInteger();
      var once = new AtomicBoolean();
      line.befalls(
          (request, server) -> {
            if (!request.claim() || !once.compareAndSet(false, true)) {
              return Optional.empty();
            }
            Agents.pause(NODE);
            asleep.countDown();
            await(wake, "waking");
            Interceptor.Reply late = server.carry();
            code.set(late.code());
            return Optional.of(late);
          });
      Vm vm = trial.vm("vm");
      vm.power(false);
      vm.patch(placement(NODE));
      vm.awaitPhase("Stopped");
      vm.power(true);
      await(asleep, "the claim");
      long given = vm.epoch();

      // When
      vm.patch(placement("node2"));
      delete(vm.status().at("/slots/0/name").asText(), trial.namespace);
      Await.until("the VM on node2", Vm.SOON, () -> vm.qemu("node2").isPresent(), vm::story);
      Vm.Qemu qemu = vm.running();
      long epoch = vm.epoch();
      wake.countDown();
      Agents.resume(NODE);

      // Then
      Await.until("the late claim", Vm.SOON, () -> code.get() != 0);
      assertThat(code.get()).isEqualTo(409);
      assertThat(epoch).isGreaterThan(given);
      Await.always(
          "one guest",
          Duration.ofSeconds(4),
          () -> vm.qemu(NODE).isEmpty() && vm.qemu("node2").equals(Optional.of(qemu)));
      assertThat(vm.epoch()).isEqualTo(epoch);
    }
  }

  @Test
  void a_vm_that_was_deleted_while_its_agent_slept_between_claim_and_start_leaves_nothing() {
    try (Trial trial = Trial.of("slept");
        Interceptor line = Interceptor.before(NODE)) {
      // Given
      var asleep = new CountDownLatch(1);
      var once = new AtomicBoolean();
      line.befalls(
          (request, server) -> {
            if (!request.claim() || !once.compareAndSet(false, true)) {
              return Optional.empty();
            }
            Interceptor.Reply claimed = server.carry();
            Agents.pause(NODE);
            asleep.countDown();
            return Optional.of(claimed);
          });
      Vm vm = trial.vmOn(NODE, "vm");
      await(asleep, "the claim");

      // When
      vm.delete();
      Await.always(
          "the VM waits for who claimed it", Duration.ofSeconds(3), () -> vm.object().isPresent());
      Agents.resume(NODE);

      // Then
      vm.awaitGone();
      assertThat(vm.qemus(World.nodes())).isZero();
    }
  }

  @Test
  void two_agents_on_one_host_never_start_a_guest_twice() {
    try (Trial trial = Trial.of("two-agents")) {
      // Given
      Vm before = trial.vmOn(NODE, "before");
      Vm.Qemu qemu = before.running();

      try (var second = SecondAgent.on(NODE)) {
        // When
        List<Vm> vms = List.of(trial.vmOn(NODE, "a"), trial.vmOn(NODE, "b"), trial.vmOn(NODE, "c"));

        // Then
        vms.forEach(Vm::running);
        assertThat(before.qemu(NODE)).contains(qemu);
        assertThat(second.readyz()).isNotEmpty();
        vms.getFirst().power(false).awaitPhase("Stopped");
        assertThat(vms.getFirst().qemu(NODE)).isEmpty();
      }

      // The one that is left does the work again.
      Vm after = trial.vmOn(NODE, "after");
      after.running();
      assertThat(before.qemu(NODE)).contains(qemu);
      assertThat(before.epoch()).isEqualTo(1);
    }
  }

  static String placement(String node) {
    return "{\"spec\":{\"placement\":{\"nodeSelector\":{\"kubernetes.io/hostname\":\""
        + node
        + "\"}}}}";
  }

  static void delete(String pod, String namespace) {
    Kubectl.admin().run("-n", namespace, "delete", "pod", pod, "--wait=false").ok();
  }

  static void await(CountDownLatch latch, String what) {
    try {
      if (!latch.await(90, TimeUnit.SECONDS)) {
        throw new AssertionError(what + " did not come");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
