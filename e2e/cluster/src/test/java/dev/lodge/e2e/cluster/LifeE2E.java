package dev.lodge.e2e.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The life of a VM in a cluster, by its user's commands. */
class LifeE2E {
  private static final Kubectl ADMIN = Kubectl.admin();
  private static final String ONE_DISK =
      "/var/lib/lodge-demo/e2e-" + System.getenv("LODGE_E2E") + "-one-disk.raw";
  private World world;

  @BeforeEach
  void world() {
    world = World.of("life");
  }

  @AfterEach
  void away() {
    if (world != null) {
      world.close();
      ADMIN.run("delete", "hostresource", "one-disk", "--ignore-not-found").ok();
      Shell.run("rm", "-f", ONE_DISK).ok();
    }
  }

  @Test
  void a_vm_is_placed_runs_stops_starts_again_and_leaves_nothing() {
    Vm vm = world.apply(World.tiny("tiny", "interfaces: []"));

    vm.running();
    ADMIN
        .run("-n", world.namespace, "wait", "vm/tiny", "--for=condition=Ready", "--timeout=30s")
        .ok();
    assertThat(World.nodes()).contains(vm.node());
    assertThat(vm.slots()).hasSize(1);
    assertThat(vm.slots().getFirst().at("/spec/nodeName").asText()).isEqualTo(vm.node());
    assertThat(ADMIN.run("-n", world.namespace, "get", "vm").ok().out())
        .contains("Running", vm.node());
    assertThat(events(vm)).as("no Event on the way of success").isEmpty();
    long epoch = vm.epoch();

    Shell.run(Bed.CHECKOUT + "/bin/kubectl-lodge", "-n", world.namespace, "stop", "tiny", "--wait")
        .ok();
    Await.until("the slot gone", Vm.SOON, () -> vm.slots().isEmpty(), vm::story);
    assertThat(vm.qemus(World.nodes())).isZero();

    Shell.run(Bed.CHECKOUT + "/bin/kubectl-lodge", "-n", world.namespace, "start", "tiny", "--wait")
        .ok();
    assertThat(vm.epoch()).isEqualTo(epoch + 1);
    String node = vm.node();
    String uid = vm.object().orElseThrow().at("/metadata/uid").asText();

    vm.delete();
    vm.awaitGone();
    assertThat(vm.qemus(World.nodes())).isZero();
    assertThat(Bed.node(node, "ls", "/var/lib/lodge/vms").out()).doesNotContain(uid);
  }

  @Test
  void a_guest_gets_the_address_that_the_operator_gave_and_keeps_it() {
    Vm vm = world.apply(World.mini("net", ""));

    vm.running();
    String ip = vm.status().at("/interfaces/0/ips/0").asText();
    assertThat(ip).isNotEmpty();
    List<JsonNode> given =
        ADMIN.list("", "vmaddresses").stream()
            .filter(a -> a.at("/spec/parentRef/name").asText().equals("net"))
            .toList();
    assertThat(given).hasSize(1);
    assertThat(given.getFirst().at("/spec/ip").asText()).isEqualTo(ip);
    Await.until(
        "the guest to have " + ip, Vm.SOON.multipliedBy(2), () -> guestHas(vm, ip), vm::story);

    vm.patch("{\"spec\":{\"powerState\":\"PoweredOff\"}}");
    vm.awaitPhase("Stopped");
    vm.patch("{\"spec\":{\"powerState\":\"PoweredOn\"}}");
    vm.running();
    assertThat(vm.status().at("/interfaces/0/ips/0").asText()).isEqualTo(ip);

    vm.delete();
    vm.awaitGone();
    Await.until(
        "the address freed",
        Vm.SOON,
        () ->
            ADMIN.list("", "vmaddresses").stream()
                .noneMatch(a -> a.at("/spec/parentRef/name").asText().equals("net")));
  }

  @Test
  void two_vms_that_write_one_disk_do_not_run_at_once() {
    ADMIN
        .apply(
            """
            apiVersion: lodge.dev/v1alpha1
            kind: HostResource
            metadata: {name: one-disk}
            spec: {type: File, path: %s, scope: Shared}
            """
                .formatted(ONE_DISK))
        .ok();
    Shell.run("truncate", "-s", "4M", ONE_DISK).ok();
    String disk = "interfaces: []\ndisks: [{name: d, source: {hostResourceRef: {name: one-disk}}}]";
    Vm first = world.apply(World.tiny("first", disk));
    first.running();

    Vm second = world.apply(World.tiny("second", disk));

    Await.until(
        "a word on who has the disk",
        Vm.SOON,
        () -> second.condition("Ready").path("message").asText().contains("first"),
        second::story);
    assertThat(second.qemus(World.nodes())).isZero();
    first.delete();
    first.awaitGone();
    second.running();
  }

  /** The guest itself says on its console which address DHCP gave it. */
  private static boolean guestHas(Vm vm, String ip) {
    String uid = vm.object().orElseThrow().at("/metadata/uid").asText();
    return Bed.node(vm.node(), "cat", "/var/lib/lodge/vms/" + uid + "/virtio0.log")
        .out()
        .contains("ip=" + ip + " ");
  }

  private static List<JsonNode> events(Vm vm) {
    return ADMIN.list(vm.namespace(), "events").stream()
        .filter(e -> e.at("/involvedObject/kind").asText().equals("VirtualMachine"))
        .filter(e -> e.at("/involvedObject/name").asText().equals(vm.name()))
        .toList();
  }
}
