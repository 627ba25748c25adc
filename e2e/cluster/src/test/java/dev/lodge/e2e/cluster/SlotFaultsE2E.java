package dev.lodge.e2e.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The slot pod goes while its guest runs (fault 31). */
class SlotFaultsE2E {
  @BeforeAll
  static void bed() {
    Bed.required();
  }

  private static final Kubectl ADMIN = Kubectl.admin();

  @Test
  void a_slot_that_is_deleted_by_force_is_replaced_on_its_node_under_the_running_guest() {
    try (Trial trial = Trial.of("slot-forced")) {
      // Given
      Vm vm = trial.vm("vm");
      Vm.Qemu qemu = vm.running();
      String node = vm.node();
      JsonNode slot = slot(vm);

      // When
      ADMIN
          .run(
              "-n",
              trial.namespace,
              "delete",
              "pod",
              slot.at("/metadata/name").asText(),
              "--force",
              "--grace-period=0")
          .ok();

      // Then
      replaced(vm, slot, node, qemu);
    }
  }

  @Test
  void a_slot_whose_process_dies_holds_the_place_again_and_the_guest_does_not_notice() {
    try (Trial trial = Trial.of("slot-killed")) {
      // Given
      Vm vm = trial.vm("vm");
      Vm.Qemu qemu = vm.running();
      String node = vm.node();
      JsonNode slot = slot(vm);

      // When
      Bed.node(
              node,
              "sh",
              "-c",
              "for p in $(pgrep -x sleep); do grep -q 'pod"
                  + slot.at("/metadata/uid").asText()
                  + "' /proc/$p/cgroup && kill -KILL $p && found=1; done; [ -n \"$found\" ]")
          .ok();

      // Then
      Await.until(
          "the process again",
          Vm.SOON,
          () ->
              slot(vm).at("/status/containerStatuses/0/restartCount").asInt() == 1
                  && slot(vm).at("/status/containerStatuses/0/ready").asBoolean(),
          vm::story);
      assertThat(slot(vm).at("/metadata/uid")).isEqualTo(slot.at("/metadata/uid"));
      assertThat(vm.qemu(node)).contains(qemu);
      assertThat(vm.epoch()).isEqualTo(1);
      assertThat(vm.phase()).isEqualTo("Running");
    }
  }

  @Test
  void a_slot_that_the_kubelet_evicted_is_replaced_on_its_node_under_the_running_guest() {
    try (Trial trial = Trial.of("slot-ended")) {
      // Given
      Vm vm = trial.vm("vm");
      Vm.Qemu qemu = vm.running();
      String node = vm.node();
      JsonNode slot = slot(vm);

      // When
      ADMIN
          .run(
              "-n",
              trial.namespace,
              "patch",
              "pod",
              slot.at("/metadata/name").asText(),
              "--subresource=status",
              "--type=merge",
              "-p",
              "{\"status\":{\"phase\":\"Failed\",\"reason\":\"Evicted\",\"message\":\"The node was low on resource: memory.\"}}")
          .ok();

      // Then
      replaced(vm, slot, node, qemu);
    }
  }

  /** As a drain asks, or a pod of higher priority: the guest is stopped first, then moved. */
  @Test
  void a_slot_that_is_evicted_by_the_api_moves_its_vm_with_one_writer_at_a_time() {
    try (Trial trial = Trial.of("slot-evicted")) {
      // Given
      Vm vm = trial.vm("vm");
      vm.running();
      String node = vm.node();
      long epoch = vm.epoch();
      ADMIN.run("cordon", node).ok();
      try {
        // When
        ADMIN
            .post(
                "/api/v1/namespaces/"
                    + trial.namespace
                    + "/pods/"
                    + slot(vm).at("/metadata/name").asText()
                    + "/eviction",
                Kubectl.parse(
                    """
                    {"apiVersion":"policy/v1","kind":"Eviction","metadata":{"namespace":"%s","name":"%s"}}
                    """
                        .formatted(trial.namespace, slot(vm).at("/metadata/name").asText())))
            .ok();

        // Then
        Await.until("another node", Vm.SOON, () -> vm.epoch() > epoch, vm::story);
        Vm.Qemu qemu = vm.running();
        assertThat(vm.node()).isNotEqualTo(node);
        assertThat(vm.epoch()).isEqualTo(epoch + 1);
        assertThat(vm.qemu(node)).isEmpty();
        Await.until("one slot", Vm.SOON, () -> vm.slots().size() == 1, vm::story);
        assertThat(vm.qemu(vm.node())).contains(qemu);
      } finally {
        ADMIN.run("uncordon", node).ok();
      }
    }
  }

  private static JsonNode slot(Vm vm) {
    assertThat(vm.slots()).hasSize(1);
    return vm.slots().getFirst();
  }

  private static void replaced(Vm vm, JsonNode old, String node, Vm.Qemu qemu) {
    long epoch = vm.epoch();
    Await.until(
        "a new slot, bound to " + node,
        Vm.SOON,
        () ->
            vm.slots().size() == 1
                && !slot(vm).at("/metadata/uid").equals(old.at("/metadata/uid"))
                && slot(vm).at("/spec/nodeName").asText().equals(node),
        vm::story);
    Await.until(
        "no word of a lost slot",
        Vm.SOON,
        () -> vm.condition("SlotLost").isMissingNode(),
        vm::story);
    Await.always("the guest", Duration.ofSeconds(2), () -> vm.qemu(node).equals(Optional.of(qemu)));
    assertThat(vm.epoch()).isEqualTo(epoch);
    assertThat(vm.node()).isEqualTo(node);
    assertThat(vm.phase()).isEqualTo("Running");
  }
}
