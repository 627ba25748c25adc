package dev.lodge.e2e.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Where VMs run is decided by what decides for pods, and a VM that has no place says why. */
class PlacementE2E {
  private static final String KEY = "lodge.test/placement";

  /** An obstacle that nobody watches is looked at again within 30 s. */
  private static final Duration LOOKED_AT_AGAIN = Duration.ofSeconds(90);

  private static final Kubectl ADMIN = Kubectl.admin();
  private static World world;

  @BeforeAll
  static void world() {
    world = World.of("placement");
  }

  @AfterAll
  static void away() {
    if (world != null) {
      world.close();
    }
  }

  @AfterEach
  void nodesAsBefore() {
    ADMIN.run("label", "nodes", "--all", KEY + "-").ok();
    ADMIN.run("taint", "nodes", "--all", KEY + "-");
  }

  @Test
  void a_node_selector_is_obeyed_and_one_that_no_node_fits_is_said() {
    Vm vm = world.apply(tiny("selected", "placement: {nodeSelector: {%s: here}}".formatted(KEY)));

    awaitScheduled(vm, "Unschedulable", "node affinity/selector");
    assertThat(vm.phase()).isEqualTo("Pending");

    ADMIN.run("label", "node", "node2", KEY + "=here").ok();
    vm.running();
    assertThat(vm.node()).isEqualTo("node2");
  }

  @Test
  void a_taint_keeps_away_who_does_not_tolerate_it() {
    ADMIN.run("taint", "node", "node3", KEY + "=x:NoSchedule").ok();
    String there = "placement: {nodeSelector: {kubernetes.io/hostname: node3}%s}";
    Vm refused = world.apply(tiny("intolerant", there.formatted("")));
    Vm tolerant =
        world.apply(
            tiny("tolerant", there.formatted(", tolerations: [{key: " + KEY + ", value: x}]")));

    tolerant.running();
    assertThat(tolerant.node()).isEqualTo("node3");
    awaitScheduled(refused, "Unschedulable", "taint");
    assertThat(refused.qemus(World.nodes())).isZero();

    ADMIN.run("taint", "node", "node3", KEY + "-").ok();
    refused.running();
  }

  @Test
  void what_is_too_big_says_what_the_scheduler_said() {
    Vm vm = world.apply(tiny("big", "").replace("size: 2Mi", "size: 900Gi"));

    awaitScheduled(vm, "Unschedulable", "0/3 nodes are available", "Insufficient memory");
    String list = ADMIN.run("-n", world.namespace, "get", "vm", "big").ok().out();
    assertThat(list).contains("Pending");
  }

  @Test
  void a_quota_refuses_the_slot_in_the_api_server_s_words_until_there_is_room() {
    try (World full = World.of("placement-quota")) {
      ADMIN
          .run("-n", full.namespace, "create", "quota", "none", "--hard=requests.memory=1Mi,pods=9")
          .ok();
      Vm vm = full.apply(tiny("over", ""));

      awaitScheduled(vm, "SlotRefused", "exceeded quota: none", "requests.memory");
      assertThat(vm.slots()).isEmpty();
      assertThat(vm.condition("Ready").path("message").asText()).contains("exceeded quota");

      ADMIN
          .run(
              "-n",
              full.namespace,
              "patch",
              "quota",
              "none",
              "-p",
              "{\"spec\":{\"hard\":{\"requests.memory\":\"2Gi\"}}}")
          .ok();
      vm.awaitPhase("Running", LOOKED_AT_AGAIN);
      JsonNode used =
          ADMIN.get(full.namespace, "quota", "none").orElseThrow().at("/status/used/pods");
      assertThat(used.asText()).isEqualTo("1");
    }
  }

  @Test
  void vms_spread_over_nodes_by_label_and_have_the_priority_that_they_ask_for() {
    String more =
        """
        placement:
          priorityClassName: lodge-vm
          topologySpreadConstraints:
          - maxSkew: 1
            topologyKey: kubernetes.io/hostname
            whenUnsatisfiable: DoNotSchedule
            labelSelector: {matchLabels: {app: spread}}
        """;
    List<Vm> vms =
        List.of("spread-a", "spread-b", "spread-c").stream()
            .map(n -> tiny(n, more).replace("{name: " + n, "{labels: {app: spread}, name: " + n))
            .map(world::apply)
            .toList();

    var nodes = new TreeSet<String>();
    for (Vm vm : vms) {
      vm.running();
      nodes.add(vm.node());
    }
    assertThat(nodes).hasSameElementsAs(World.nodes());
    JsonNode slot = vms.getFirst().slots().getFirst();
    assertThat(slot.at("/spec/priorityClassName").asText()).isEqualTo("lodge-vm");
    assertThat(slot.at("/spec/priority").asInt()).isEqualTo(1_000_000);
  }

  private static String tiny(String name, String more) {
    return World.tiny(name, "interfaces: []\n" + more);
  }

  private static void awaitScheduled(Vm vm, String reason, String... words) {
    Await.until(
        vm + " Scheduled " + reason,
        Vm.SOON,
        () -> vm.condition("Scheduled").path("reason").asText().equals(reason),
        vm::story);
    assertThat(vm.condition("Scheduled").path("status").asText()).isEqualTo("False");
    assertThat(vm.condition("Scheduled").path("message").asText()).contains(words);
  }
}
