package dev.lodge.e2e.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The API server is gone, forgets, lies or does not answer (faults 8, 13, 14, 16). */
class ApiFaultsE2E {
  @BeforeAll
  static void bed() {
    Bed.required();
  }

  private static final String NODE = "node1";
  private static final String OTHER = "node2";
  private static final Duration OUTAGE = Duration.ofSeconds(60);

  @Test
  void guests_run_on_through_a_long_outage_and_what_was_asked_is_done_afterwards() {
    try (Trial trial = Trial.of("outage")) {
      // Given
      Vm stays = trial.vmOn(NODE, "stays");
      Vm crashes = trial.vmOn(OTHER, "crashes");
      Vm stops = trial.vmOn(NODE, "stops");
      Vm.Qemu qemu = stays.running();
      Vm.Qemu first = crashes.running();
      stops.running();

      // When
      stops.power(false);
      Bed.fault("control-plane", "kube-apiserver", "kill");
      try {
        Bed.node(OTHER, "kill", "-SEGV", first.pid()).ok();
        Await.always("the guest", OUTAGE, () -> stays.qemu(NODE).equals(Optional.of(qemu)));
      } finally {
        Bed.fault("control-plane", "kube-apiserver", "start");
      }

      // Then
      stops.awaitPhase("Stopped");
      Await.until(
          "the guest that crashed",
          Vm.SOON,
          () -> crashes.qemu(OTHER).filter(q -> !q.equals(first)).isPresent(),
          crashes::story);
      crashes.running();
      trial.vmOn(NODE, "next").running();
      assertThat(stays.qemu(NODE)).contains(qemu);
      assertThat(stays.epoch()).isEqualTo(1);
      assertThat(crashes.epoch()).isEqualTo(1);
      Agents.awaitReady(World.nodes());
    }
  }

  @Test
  void a_watch_whose_version_is_forgotten_begins_anew_and_misses_nothing() {
    try (Trial trial = Trial.of("gone");
        Interceptor line = Interceptor.before(NODE)) {
      // Given
      Vm stays = trial.vmOn(NODE, "stays");
      Vm stops = trial.vmOn(NODE, "stops");
      Vm.Qemu qemu = stays.running();
      stops.running();

      // When
      Bed.fault("partition", NODE, "both");
      try {
        stops.power(false);
        trial.vmOn(OTHER, "noise").running();
        Bed.fault("compact-etcd");
        Bed.fault("control-plane", "kube-apiserver", "kill");
        Bed.fault("control-plane", "kube-apiserver", "start");
      } finally {
        Bed.fault("heal", NODE);
      }

      // Then
      stops.awaitPhase("Stopped", Vm.SOON.multipliedBy(3));
      Await.until("410 Gone", Vm.SOON, () -> line.expired() > 0);
      trial.vmOn(NODE, "next").running();
      assertThat(stays.qemu(NODE)).contains(qemu);
      assertThat(stays.epoch()).isEqualTo(1);
      Agents.awaitReady(World.nodes());
    }
  }

  @Test
  void an_agent_that_reads_what_was_once_true_starts_nothing_that_is_anothers_by_now() {
    try (Trial trial = Trial.of("back-in-time");
        Interceptor line = Interceptor.before(NODE)) {
      // Given what the API server said while the VM was this node's
      Vm stays = trial.vmOn(NODE, "stays");
      Vm vm = trial.vmOn(NODE, "vm");
      Vm.Qemu qemu = stays.running();
      vm.running();
      Map<String, Interceptor.Reply> old = new ConcurrentHashMap<>();
      line.befalls(
          (request, server) -> {
            if (!request.read() || !request.path().contains("/virtualmachines")) {
              return Optional.empty();
            }
            Interceptor.Reply now = server.carry();
            old.put(request.object(), now);
            return Optional.of(now);
          });
      Agents.replace(NODE);
      Await.until(
          "reads of the VM", Vm.SOON, () -> old.keySet().stream().anyMatch(p -> p.endsWith("/vm")));
      line.heal();
      vm.power(false).awaitPhase("Stopped");
      vm.patch(AgentFaultsE2E.placement(OTHER));
      vm.power(true);
      Vm.Qemu there = vm.running();
      long epoch = vm.epoch();
      assertThat(vm.node()).isEqualTo(OTHER);

      // When it is told that again, by a new process without a memory
      var told = new AtomicInteger();
      line.befalls(
          (request, _) -> {
            Interceptor.Reply was = request.read() ? old.get(request.object()) : null;
            if (was != null) {
              told.incrementAndGet();
            }
            return Optional.ofNullable(was);
          });
      Agents.kill(NODE);
      Await.until("what was", Vm.SOON.multipliedBy(2), () -> told.get() > 2);
      Await.always(
          "one guest",
          Duration.ofSeconds(5),
          () -> vm.qemu(NODE).isEmpty() && vm.qemu(OTHER).equals(Optional.of(there)));

      // Then
      line.heal();
      Agents.replace(NODE);
      assertThat(vm.epoch()).isEqualTo(epoch);
      assertThat(vm.qemu(OTHER)).contains(there);
      assertThat(stays.qemu(NODE)).contains(qemu);
      trial.vmOn(NODE, "next").running();
    }
  }

  /** In turn: refused for now, failed, too late, written and then said to be late, not answered. */
  @Test
  void writes_that_fail_or_whose_answer_is_lost_start_each_guest_once() {
    try (Trial trial = Trial.of("answers");
        Interceptor line = Interceptor.before(NODE)) {
      // Given
      Vm stays = trial.vmOn(NODE, "stays");
      Vm.Qemu qemu = stays.running();
      var writes = new AtomicInteger();
      line.befalls(
          (request, server) ->
              request.vmStatus()
                  ? switch (writes.getAndIncrement() % 7) {
                    case 0 -> Optional.of(Interceptor.Reply.failure(429, "TooManyRequests"));
                    case 1 -> Optional.of(Interceptor.Reply.failure(500, "InternalError"));
                    case 2 -> {
                      server.carry();
                      yield Optional.of(Interceptor.Reply.lost());
                    }
                    case 3 -> Optional.of(Interceptor.Reply.failure(504, "Timeout"));
                    case 4 -> {
                      server.carry();
                      yield Optional.of(Interceptor.Reply.failure(504, "Timeout"));
                    }
                    case 5 -> Optional.of(Interceptor.Reply.lost());
                    default -> Optional.empty();
                  }
                  : Optional.empty());

      // When
      var vms = new ArrayList<Vm>();
      for (int i = 0; i < 4; i++) {
        vms.add(trial.vmOn(NODE, "vm" + i));
      }

      // Then
      for (Vm vm : vms) {
        vm.awaitPhase("Running", Vm.SOON.multipliedBy(2));
        assertThat(vm.running()).isNotNull();
      }
      Map<Vm, Vm.Qemu> guests = new ConcurrentHashMap<>();
      vms.forEach(vm -> guests.put(vm, vm.running()));
      for (Vm vm : vms.subList(0, 2)) {
        vm.power(false).awaitPhase("Stopped", Vm.SOON.multipliedBy(2));
        assertThat(vm.qemu(NODE)).isEmpty();
      }
      for (Vm vm : vms.subList(2, 4)) {
        assertThat(vm.qemu(NODE)).contains(guests.get(vm));
        assertThat(vm.epoch()).isEqualTo(1);
      }
      assertThat(writes.get()).isGreaterThan(14);
      line.heal();
      vms.getFirst().power(true).running();
      assertThat(stays.qemu(NODE)).contains(qemu);
      assertThat(stays.epoch()).isEqualTo(1);
    }
  }

  /** Reads of the agents fail in the same way: guests are left alone. */
  @Test
  void an_api_server_that_answers_nothing_but_errors_stops_no_guest() {
    try (Trial trial = Trial.of("errors");
        Interceptor line = Interceptor.before(NODE)) {
      // Given
      List<Vm> vms = List.of(trial.vmOn(NODE, "a"), trial.vmOn(NODE, "b"));
      List<Vm.Qemu> guests = vms.stream().map(Vm::running).toList();
      var requests = new AtomicInteger();
      int[] codes = {429, 500, 503, 504, 404, 401};

      // When
      line.befalls(
          (_, _) -> {
            int code = codes[requests.getAndIncrement() % codes.length];
            return Optional.of(Interceptor.Reply.failure(code, "Failed"));
          });
      Agents.kill(NODE);
      Await.until("requests", Vm.SOON.multipliedBy(2), () -> requests.get() > 12);

      // Then
      assertThat(vms.stream().map(vm -> vm.qemu(NODE).orElseThrow()).toList()).isEqualTo(guests);
      line.heal();
      Agents.replace(NODE);
      assertThat(vms.stream().map(Vm::running).toList()).isEqualTo(guests);
      vms.forEach(vm -> assertThat(vm.epoch()).isEqualTo(1));
    }
  }
}
