package dev.lodge.e2e.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** How VMs leave a node that is drained, and a slot that is deleted. */
class DrainE2E {

  /** An emulated Linux boots in ten seconds on a quiet machine. */
  private static final Duration BOOTED = Duration.ofSeconds(120);

  private static final Kubectl ADMIN = Kubectl.admin();
  private World world;

  @BeforeEach
  void world() {
    world = World.of("drain");
  }

  @AfterEach
  void away() {
    if (world != null) {
      for (String node : World.nodes()) {
        ADMIN.run("uncordon", node).ok();
      }
      world.close();
      ADMIN.run("delete", "hostresource", "null-device", "--ignore-not-found").ok();
    }
  }

  @Test
  void a_drained_node_s_guest_shuts_down_and_starts_elsewhere() {
    Vm vm = world.apply(World.mini("leaves", "interfaces: []"));
    vm.running();
    awaitBooted(vm);
    String node = vm.node();
    long epoch = vm.epoch();

    drain(node, "180s").ok();

    assertThat(vm.qemu(node)).isEmpty();
    assertThat(endOf(vm, node)).as("asked by ACPI, and not destroyed").contains("reason=shutdown");
    Await.until(vm + " elsewhere", Vm.SOON, () -> vm.epoch() == epoch + 1, vm::story);
    vm.running();
    assertThat(vm.node()).isNotEqualTo(node);
    vm.delete();
    vm.awaitGone();
  }

  @Test
  void block_keeps_the_drain_waiting_until_the_vm_is_stopped() {
    Vm vm = world.apply(World.tiny("stays", "interfaces: []\nonDrain: Block"));
    Vm.Qemu before = vm.running();
    String node = vm.node();
    Await.until(
        "a budget that counts the slot",
        Vm.SOON,
        () ->
            ADMIN
                .get(world.namespace, "pdb", "lodge-on-drain-block")
                .map(p -> p.at("/status/currentHealthy").asInt() == 1)
                .orElse(false));

    drain(node, "8s").refused("disruption budget");

    assertThat(vm.qemu(node)).contains(before);
    assertThat(vm.slots().getFirst().at("/metadata/deletionTimestamp").isMissingNode()).isTrue();

    vm.patch("{\"spec\":{\"powerState\":\"PoweredOff\"}}");
    drain(node, "120s").ok();
    vm.awaitPhase("Stopped");
  }

  @Test
  void what_never_started_holds_up_no_drain() {
    ADMIN
        .apply(
            "{apiVersion: lodge.dev/v1alpha1, kind: HostResource, metadata: {name: null-device},"
                + " spec: {type: File, path: /dev/null, access: ReadOnly}}")
        .ok();
    Vm vm =
        world.apply(
            World.tiny("broken", "interfaces: []")
                .replace("imageRef: {name: tinyrom}", "hostResourceRef: {name: null-device}"));
    vm.awaitPhase("Failed");
    assertThat(vm.condition("Ready").path("message").asText())
        .contains("/dev/null", "neither a file nor a block device");
    String node = vm.node();

    drain(node, "60s").ok();

    Await.until(
        "its slot elsewhere",
        Vm.SOON,
        () -> !vm.node().equals(node) && vm.phase().equals("Failed"),
        vm::story);
  }

  @Test
  void a_change_of_on_drain_counts_for_the_slot_that_is_there() {
    Vm vm = world.apply(World.tiny("minds", "interfaces: []"));
    Vm.Qemu before = vm.running();

    vm.patch("{\"spec\":{\"onDrain\":\"Block\"}}");

    Await.until(
        "the slot's label follows",
        Vm.SOON,
        () ->
            vm.slots()
                .getFirst()
                .at("/metadata/labels/lodge.dev~1on-drain")
                .asText()
                .equals("Block"),
        vm::story);
    assertThat(vm.qemu(vm.node())).contains(before);
  }

  @Test
  void migrate_says_that_it_acts_as_stop_and_does_when_the_slot_is_deleted() {
    Vm vm = world.apply(World.mini("migrates", "interfaces: []\nonDrain: Migrate"));
    vm.running();
    awaitBooted(vm);
    String node = vm.node();
    long epoch = vm.epoch();
    assertThat(vm.condition("Scheduled").path("message").asText())
        .as("said before anybody drains")
        .contains("onDrain Migrate acts as Stop");
    String slot = vm.slots().getFirst().at("/metadata/name").asText();

    ADMIN.run("-n", world.namespace, "delete", "pod", slot, "--wait=false").ok();

    Await.until(vm + " starts again", Vm.SOON, () -> vm.epoch() == epoch + 1, vm::story);
    assertThat(endOf(vm, node)).contains("reason=shutdown");
    vm.running();
    assertThat(vm.qemus(World.nodes())).isOne();
    assertThat(vm.slots()).hasSize(1);
    vm.delete();
    vm.awaitGone();
  }

  private static Shell.Result drain(String node, String timeout) {
    return ADMIN.run(
        "drain", node, "--ignore-daemonsets", "--delete-emptydir-data", "--timeout=" + timeout);
  }

  private static void awaitBooted(Vm vm) {
    String log = "/var/lib/lodge/vms/" + uid(vm) + "/virtio0.log";
    String node = vm.node();
    Await.until(
        "the guest of " + vm + " booted",
        BOOTED,
        () -> Bed.node(node, "cat", log).out().contains("GUEST-READY"),
        vm::story);
  }

  private static String uid(Vm vm) {
    return vm.object().orElseThrow().at("/metadata/uid").asText();
  }

  /** What libvirt wrote of QEMU's end. */
  private static String endOf(Vm vm, String node) {
    return Bed.node(
            node,
            "grep",
            "shutting down",
            "/var/log/libvirt/qemu/%s_%s.log".formatted(vm.namespace(), vm.name()))
        .ok()
        .out()
        .lines()
        .reduce("", (_, last) -> last);
  }
}
