package dev.lodge.e2e.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The leading operator dies at work, or sleeps and wakes when another leads (faults 2, 17). */
class OperatorFaultsE2E {
  @BeforeAll
  static void bed() {
    Bed.required();
  }

  private static final Kubectl ADMIN = Kubectl.admin();

  /** The process of the operator that leads. */
  private record Leader(String pod, String node) {
    static Leader now() {
      String holder =
          ADMIN
              .get(Bed.NAMESPACE, "lease", "lodge-operator")
              .orElseThrow()
              .at("/spec/holderIdentity")
              .asText();
      JsonNode pod =
          ADMIN.list(Bed.NAMESPACE, "pods", "-l", "app.kubernetes.io/component=operator").stream()
              .filter(p -> holder.startsWith(p.at("/metadata/name").asText()))
              .findFirst()
              .orElseThrow(() -> new AssertionError("no operator pod of leader " + holder));
      return new Leader(pod.at("/metadata/uid").asText(), pod.at("/spec/nodeName").asText());
    }

    void signal(String signal) {
      Bed.node(
              node,
              "sh",
              "-c",
              "for p in $(pgrep -x java); do grep -q 'pod"
                  + pod
                  + "' /proc/$p/cgroup && kill -"
                  + signal
                  + " $p && found=1; done; [ -n \"$found\" ]")
          .ok();
    }
  }

  private static void awaitReady() {
    ADMIN
        .run(
            "-n", Bed.NAMESPACE, "rollout", "status", "deployment/lodge-operator", "--timeout=120s")
        .ok();
  }

  @Test
  void what_an_operator_was_at_when_it_was_killed_is_done_once_by_the_next() {
    awaitReady();
    try (Trial trial = Trial.of("operator-killed")) {
      // Given
      Vm stays = trial.vm("stays");
      Vm goes = trial.vm("goes");
      Vm.Qemu qemu = stays.running();
      goes.running();

      // When
      var vms = new ArrayList<Vm>();
      goes.delete();
      for (int i = 0; i < 6; i++) {
        vms.add(trial.vm("vm" + i));
        if (i == 3) {
          Leader.now().signal("KILL");
        }
      }

      // Then
      vms.forEach(Vm::running);
      goes.awaitGone();
      for (Vm vm : vms) {
        assertThat(vm.epoch()).as(vm.toString()).isEqualTo(1);
        assertThat(vm.slots()).as(vm.toString()).hasSize(1);
        assertThat(vm.qemus(World.nodes())).as(vm.toString()).isEqualTo(1);
      }
      assertThat(stays.qemu(stays.node())).contains(qemu);
      assertThat(stays.epoch()).isEqualTo(1);
    }
    awaitReady();
  }

  @Test
  void a_leader_that_slept_past_its_lease_gives_nothing_away_that_is_held() {
    awaitReady();
    try (Trial trial = Trial.of("two-leaders")) {
      // Given
      Vm stays = trial.vm("stays");
      Vm moves = trial.vm("moves");
      List<Vm> late = List.of(trial.vm("late0"), trial.vm("late1"));
      Vm.Qemu qemu = stays.running();
      moves.running();
      late.forEach(Vm::running);
      Leader old = Leader.now();

      // When it sleeps over what is asked, and the next one does it
      old.signal("STOP");
      try {
        late.forEach(vm -> vm.power(false));
        moves.power(false);
        Await.until(
            "another leader",
            Duration.ofSeconds(90),
            () -> !Leader.now().equals(old),
            () -> ADMIN.run("-n", Bed.NAMESPACE, "get", "lease,pods", "-o", "wide").out());
        moves.awaitPhase("Stopped");
        moves.power(true).running();
        late.forEach(vm -> vm.awaitPhase("Stopped"));
      } finally {
        old.signal("CONT");
      }
      // Two of them are at work on these now.
      late.forEach(vm -> vm.power(true));

      // Then
      late.forEach(Vm::running);
      Await.always(
          "each VM runs once",
          Duration.ofSeconds(5),
          () ->
              moves.qemus(World.nodes()) == 1
                  && late.stream().allMatch(vm -> vm.qemus(World.nodes()) == 1));
      assertThat(moves.epoch()).isEqualTo(2);
      late.forEach(vm -> assertThat(vm.epoch()).as(vm.toString()).isGreaterThanOrEqualTo(2));
      assertThat(stays.qemu(stays.node())).isEqualTo(Optional.of(qemu));
      assertThat(stays.epoch()).isEqualTo(1);
    }
    awaitReady();
  }
}
