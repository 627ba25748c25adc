package dev.lodge.e2e.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A node falls silent, loses its power, or is not who it says (faults 6, 10, 27, 29, 30). */
class NodeFaultsE2E {
  @BeforeAll
  static void bed() {
    Bed.required();
  }

  private static final Kubectl ADMIN = Kubectl.admin();
  private static final String NODE = "node3";
  private static final String TAINT = "node.kubernetes.io/out-of-service";
  private static final Duration LOST = Duration.ofSeconds(90);

  /** Whatever a test left: the next one begins with nodes that work. */
  @AfterEach
  void mend() {
    Bed.bed("node", "start", NODE);
    Bed.fault("process", NODE, "kubelet", "start");
    Bed.fault("heal", NODE);
    taint(false);
  }

  @Test
  void a_node_that_hears_nothing_keeps_its_guests_and_nobody_else_starts_them() {
    try (Trial trial = Trial.of("one-way")) {
      // Given
      Vm vm = vmBest(trial, "vm");
      Vm.Qemu qemu = vm.running();
      assertThat(vm.node()).isEqualTo(NODE);

      // When
      Bed.fault("partition", NODE, "in");
      awaitLost(vm);

      // Then
      Await.always(
          "the guest",
          Duration.ofSeconds(5),
          () -> vm.qemus(World.nodes()) == 1 && vm.qemu(NODE).equals(Optional.of(qemu)));
      assertThat(vm.slots()).hasSize(1);
      assertThat(vm.epoch()).isEqualTo(1);
      Bed.fault("heal", NODE);
      Await.until("the node back", LOST, () -> scheduled(vm).equals("Bound"), vm::story);
      vm.awaitPhase("Running");
      assertThat(vm.qemu(NODE)).contains(qemu);
      assertThat(vm.epoch()).isEqualTo(1);
    }
  }

  @Test
  void after_a_power_loss_vms_come_back_by_their_power_state_and_the_boot_is_counted() {
    try (Trial trial = Trial.of("reboot")) {
      // Given
      Vm on = trial.vmOn(NODE, "runs");
      Vm off = trial.vmOn(NODE, "stopped");
      Vm elsewhere = trial.vmOn("node1", "elsewhere");
      on.running();
      off.running();
      Vm.Qemu qemu = elsewhere.running();
      off.power(false).awaitPhase("Stopped");
      long boot = Agents.bootGeneration(NODE);

      // When
      Bed.bed("node", "reboot", NODE).ok();

      // Then
      Agents.awaitReady(List.of(NODE));
      assertThat(Agents.bootGeneration(NODE)).isEqualTo(boot + 1);
      Await.until("the guest", LOST, () -> on.qemu(NODE).isPresent(), on::story);
      on.awaitPhase("Running");
      assertThat(on.epoch()).isEqualTo(2);
      assertThat(off.phase()).isEqualTo("Stopped");
      assertThat(off.qemus(World.nodes())).isZero();
      assertThat(elsewhere.qemu("node1")).contains(qemu);
      assertThat(elsewhere.epoch()).isEqualTo(1);
    }
  }

  @Test
  void a_vm_of_a_lost_node_starts_elsewhere_on_proof_only_and_stays_there() {
    try (Trial trial = Trial.of("node-lost")) {
      // Given
      Vm vm = vmBest(trial, "vm");
      vm.running();
      assertThat(vm.node()).isEqualTo(NODE);
      assertThat(vm.condition("FailoverReady").path("status").asText()).isEqualTo("True");
      assertThat(vm.condition("FailoverReady").path("message").asText()).contains(TAINT);
      long boot = Agents.bootGeneration(NODE);

      // When
      Bed.bed("node", "kill", NODE).ok();
      awaitLost(vm);

      // Then
      Await.always(
          "nothing elsewhere",
          Duration.ofSeconds(5),
          () -> vm.node().equals(NODE) && elsewhere(vm).isEmpty());
      assertThat(vm.condition("Scheduled").path("message").asText()).contains(TAINT);

      // When
      taint(true);

      // Then
      Await.until("a start elsewhere", Vm.SOON, () -> elsewhere(vm).isPresent(), vm::story);
      Vm.Qemu qemu = vm.running();
      String there = vm.node();
      assertThat(vm.epoch()).isEqualTo(2);

      // When
      Bed.bed("node", "start", NODE).ok();
      taint(false);

      // Then
      Agents.awaitReady(List.of(NODE));
      assertThat(Agents.bootGeneration(NODE)).isEqualTo(boot + 1);
      trial.vmOn(NODE, "next").running();
      assertThat(vm.qemu(NODE)).isEmpty();
      assertThat(vm.qemu(there)).contains(qemu);
      assertThat(vm.epoch()).isEqualTo(2);
    }
  }

  /** Asleep between its claim and the start, while the node is said to be off. */
  @Test
  void the_agent_of_a_fenced_boot_starts_nothing_when_it_wakes() {
    try (Trial trial = Trial.of("fenced");
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
      Vm vm = vmBest(trial, "vm");
      AgentFaultsE2E.await(asleep, "the claim");

      // When
      Bed.fault("process", NODE, "kubelet", "kill");
      awaitLost(vm);
      taint(true);
      Await.until("a start elsewhere", Vm.SOON, () -> elsewhere(vm).isPresent(), vm::story);
      Vm.Qemu qemu = vm.running();
      String there = vm.node();
      Agents.resume(NODE);

      // Then
      Await.always(
          "one guest",
          Duration.ofSeconds(6),
          () -> vm.qemu(NODE).isEmpty() && vm.qemu(there).equals(Optional.of(qemu)));
      assertThat(vm.epoch()).isEqualTo(2);
    } finally {
      // The boot that was declared over ends in truth.
      Bed.bed("node", "reboot", NODE).ok();
      taint(false);
      Agents.awaitReady(List.of(NODE));
    }
  }

  @Test
  void another_machine_that_takes_a_nodes_name_is_refused() {
    String name = "fourth";
    Bed.bed("node", "add", name).ok();
    try (Trial trial = Trial.of("twin")) {
      // Given
      Agents.awaitReady(List.of(name));
      Vm vm = trial.vmOn(name, "vm");
      Vm.Qemu qemu = vm.running();
      JsonNode host = ADMIN.get("", "vmhost", name).orElseThrow();

      // When
      Bed.bed("node", "add", "twin", name).ok();
      try {
        // Then
        Await.until(
            "a word of the second's agent",
            LOST,
            () -> Agents.readyz("twin").contains("machine"),
            () -> Agents.readyz("twin"));
        Await.always(
            "one guest",
            Duration.ofSeconds(5),
            () -> vm.qemu("twin").isEmpty() && vm.qemu(name).equals(Optional.of(qemu)));
        JsonNode now = ADMIN.get("", "vmhost", name).orElseThrow();
        for (String field : List.of("machineID", "bootID", "bootGeneration")) {
          assertThat(now.path("status").path(field)).isEqualTo(host.path("status").path(field));
        }
      } finally {
        Bed.bed("node", "remove", "twin").ok();
      }
      assertThat(vm.epoch()).isEqualTo(1);
      vm.delete();
      Await.until("no guest", LOST, () -> vm.qemu(name).isEmpty(), vm::story);
    } finally {
      Bed.bed("node", "remove", name).ok();
      ADMIN.run("delete", "node", name, "--ignore-not-found").ok();
      ADMIN.run("delete", "vmhost", name, "--ignore-not-found", "--wait=false").ok();
    }
  }

  @Test
  void a_node_object_that_is_deleted_and_made_again_takes_no_guest_along() {
    try (Trial trial = Trial.of("node-object")) {
      // Given
      Vm vm = trial.vmOn(NODE, "vm");
      Vm.Qemu qemu = vm.running();
      long boot = Agents.bootGeneration(NODE);
      String uid = ADMIN.get("", "node", NODE).orElseThrow().at("/metadata/uid").asText();

      // When
      ADMIN.run("delete", "node", NODE).ok();
      Await.always(
          "the guest", Duration.ofSeconds(3), () -> vm.qemu(NODE).equals(Optional.of(qemu)));
      Bed.fault("process", NODE, "kubelet", "kill");
      Bed.fault("process", NODE, "kubelet", "start");

      // Then
      Await.until("the Node", LOST, () -> ADMIN.get("", "node", NODE).isPresent());
      assertThat(ADMIN.get("", "node", NODE).orElseThrow().at("/metadata/uid").asText())
          .isNotEqualTo(uid);
      Agents.awaitReady(List.of(NODE));
      Vm next = trial.vmOn(NODE, "next");
      next.running();
      Await.until("its place", LOST, () -> scheduled(vm).equals("Bound"), vm::story);
      Await.until("one slot", LOST, () -> vm.slots().size() == 1, vm::story);
      assertThat(vm.qemu(NODE)).contains(qemu);
      assertThat(vm.epoch()).isEqualTo(1);
      assertThat(Agents.bootGeneration(NODE)).isEqualTo(boot);
    }
  }

  /** Prefers the node, and may run on any. */
  private static Vm vmBest(Trial trial, String name) {
    return trial.vm(
        name,
        """
        placement:
          affinity:
            nodeAffinity:
              preferredDuringSchedulingIgnoredDuringExecution:
              - weight: 100
                preference:
                  matchExpressions: [{key: kubernetes.io/hostname, operator: In, values: [%s]}]
        """
            .formatted(NODE));
  }

  private static void awaitLost(Vm vm) {
    Await.until(
        "a word that the node is lost", LOST, () -> scheduled(vm).equals("NodeUnknown"), vm::story);
  }

  private static String scheduled(Vm vm) {
    return vm.condition("Scheduled").path("reason").asText();
  }

  /** The guest on a node that has its power. */
  private static Optional<Vm.Qemu> elsewhere(Vm vm) {
    return World.nodes().stream()
        .filter(n -> !n.equals(NODE))
        .flatMap(n -> vm.qemu(n).stream())
        .findFirst();
  }

  private static void taint(boolean there) {
    Shell.Result r =
        ADMIN.run("taint", "node", NODE, there ? TAINT + "=nodeshutdown:NoExecute" : TAINT + "-");
    if (there) {
      r.ok();
    }
  }
}
