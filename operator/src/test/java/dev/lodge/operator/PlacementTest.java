package dev.lodge.operator;

import static dev.lodge.operator.TestCluster.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lodge.api.v1alpha1.vmaddress.VmAddress;
import dev.lodge.api.v1alpha1.vmhost.VmHost;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.server.mock.EnableKubernetesMockClient;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.InstantSource;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** From a VM to its owner, on a server that keeps objects and knows no schema. */
@EnableKubernetesMockClient(crud = true)
class PlacementTest {
  private static final String SMALL =
      """
      {"cpu": {"count": 2}, "memory": {"size": "64Mi"}}
      """;

  KubernetesClient client;
  private TestCluster cluster;
  private OperatorApp app;

  @BeforeEach
  void start() throws Exception {
    cluster = new TestCluster(client);
    cluster.node("n1");
    cluster.node("n2");
    cluster.network("lodge-system", "default", "10.9.0.0/24");
    app =
        new OperatorApp(
            client,
            new TestSettings(),
            "test",
            "cluster-1",
            new SimpleMeterRegistry(),
            InstantSource.system());
    app.start();
  }

  @AfterEach
  void stop() {
    app.close();
  }

  @Test
  void a_vm_gets_finalizer_slot_and_address_and_once_its_slot_is_bound_its_owner() {
    // Given
    cluster.vm("a", SMALL);
    Pod slot = cluster.slot("a");
    assertThat(cluster.status("a").nodeName()).as("nobody owns it yet").isNull();

    // When
    cluster.bind(slot, "n2");

    // Then
    eventually("an owner", () -> "n2".equals(cluster.status("a").nodeName()));
    var status = cluster.status("a");
    assertThat(cluster.vm("a").getMetadata().getFinalizers()).containsExactly("lodge.dev/vm");
    assertThat(status.epoch()).isEqualTo(1);
    assertThat(status.claimedBy()).isNull();
    assertThat(status.slots())
        .singleElement()
        .satisfies(
            s -> {
              assertThat(s.name()).isEqualTo(slot.getMetadata().getName()).endsWith("-1");
              assertThat(s.uid()).isEqualTo(slot.getMetadata().getUid());
              assertThat(s.nodeName()).isEqualTo("n2");
            });
    assertThat(status.interfaces())
        .singleElement()
        .satisfies(
            i -> {
              assertThat(i.network()).isEqualTo("lodge-system/default");
              assertThat(i.ips()).containsExactly("10.9.0.2");
              assertThat(i.mac()).startsWith("52:");
            });
    List<VmAddress> given = client.resources(VmAddress.class).list().getItems();
    assertThat(given)
        .singleElement()
        .satisfies(a -> assertThat(a.getMetadata().getName()).endsWith("-10.9.0.2"));
  }

  @Test
  void a_deleted_vm_goes_with_slot_and_address_once_its_agent_has_let_go() {
    // Given
    cluster.vm("a", SMALL);
    cluster.bind(cluster.slot("a"), "n1");
    eventually("an owner", () -> "n1".equals(cluster.status("a").nodeName()));
    cluster.claim("a");

    // When
    client.resource(cluster.vm("a")).delete();

    // Then
    eventually(
        "the operator has seen it",
        () -> cluster.vm("a").getMetadata().getDeletionTimestamp() != null);
    assertThat(cluster.vm("a")).as("held while the guest may run").isNotNull();
    cluster.agentWrites("a", "{\"released\":true,\"phase\":\"Stopped\"}");
    // The server of this test may not carry out a deletion whose last finalizer a patch takes off.
    eventually(
        "let go",
        () -> cluster.vm("a") == null || cluster.vm("a").getMetadata().getFinalizers().isEmpty());
    assertThat(cluster.slots("a")).isEmpty();
    assertThat(client.resources(VmAddress.class).list().getItems()).isEmpty();
  }

  @Test
  void a_network_without_a_subnet_is_told_with_its_mend_and_nothing_is_reserved() {
    // Given / When
    cluster.vm(
        "a",
        """
        {"cpu": {"count": 1}, "memory": {"size": "64Mi"}, "interfaces": [{"name": "lan", "networkRef": {"name": "none"}}]}
        """);

    // Then
    eventually("a condition", () -> cluster.status("a").conditions() != null);
    assertThat(cluster.status("a").conditions())
        .anySatisfy(
            c -> {
              assertThat(c.type()).isEqualTo("NetworksReady");
              assertThat(c.reason()).isEqualTo("NotFound");
              assertThat(c.message()).contains("there is no VmNetwork 'none'");
            });
    assertThat(cluster.slots("a")).isEmpty();

    // When it is made after all
    cluster.network(TestCluster.NAMESPACE, "none", "10.8.0.0/24");

    // Then
    cluster.slot("a");
  }

  private Pod runs(String name, String node) {
    cluster.vm(name, SMALL);
    Pod slot = cluster.slot(name);
    cluster.bind(slot, node);
    eventually("an owner", () -> node.equals(cluster.status(name).nodeName()));
    cluster.claim(name);
    return slot;
  }

  @Test
  void a_silent_node_is_told_and_proves_nothing_until_somebody_says_that_it_is_off() {
    // Given
    runs("a", "n1");

    // When
    cluster.lose("n1");

    // Then
    eventually("told", () -> "Unknown".equals(cluster.status("a").phase()));
    assertThat(cluster.status("a").conditions())
        .anySatisfy(
            c -> {
              assertThat(c.type()).isEqualTo("Scheduled");
              assertThat(c.reason()).isEqualTo("NodeUnknown");
              assertThat(c.message()).contains("kubectl taint node n1");
            });
    assertThat(cluster.status("a").epoch()).isEqualTo(1);

    // When
    cluster.outOfService("n1");

    // Then
    eventually(
        "fenced",
        () ->
            Long.valueOf(1)
                .equals(
                    client
                        .resources(VmHost.class)
                        .withName("n1")
                        .get()
                        .getStatus()
                        .fencedThrough()));
    eventually("a slot of the next epoch", () -> slotOf("a", 2) != null);
    cluster.bind(slotOf("a", 2), "n2");
    eventually("the other node has it", () -> "n2".equals(cluster.status("a").nodeName()));
    assertThat(cluster.status("a").epoch()).isEqualTo(2);
    assertThat(cluster.status("a").claimedBy()).as("to be claimed anew").isNull();
  }

  private Pod slotOf(String vm, long epoch) {
    return cluster.slots(vm).stream()
        .filter(p -> p.getMetadata().getName().endsWith("-" + epoch))
        .findFirst()
        .orElse(null);
  }

  @Test
  void a_slot_that_ended_is_replaced_on_its_node_under_the_same_epoch() {
    // Given
    Pod slot = runs("a", "n1");

    // When
    cluster.podStatus(
        slot, p -> new PodBuilder(p).editOrNewStatus().withPhase("Failed").endStatus().build());

    // Then
    eventually(
        "another pod",
        () -> {
          List<Pod> now = cluster.slots("a");
          return now.size() == 1
              && !now.getFirst().getMetadata().getUid().equals(slot.getMetadata().getUid());
        });
    Pod next = cluster.slots("a").getFirst();
    assertThat(next.getMetadata().getName()).isEqualTo(slot.getMetadata().getName());
    assertThat(
            next.getSpec()
                .getAffinity()
                .getNodeAffinity()
                .getRequiredDuringSchedulingIgnoredDuringExecution()
                .getNodeSelectorTerms()
                .getFirst()
                .getMatchFields()
                .getFirst()
                .getValues())
        .containsExactly("n1");
    eventually("told", () -> has("a", "SlotLost"));
    cluster.bind(next, "n1");
    eventually("the status names the new one, and the loss is over", () -> !has("a", "SlotLost"));
    assertThat(cluster.status("a").slots().getFirst().uid()).isEqualTo(next.getMetadata().getUid());
    assertThat(cluster.status("a").epoch()).isEqualTo(1);
  }

  private boolean has(String vm, String condition) {
    var all = cluster.status(vm).conditions();
    return all != null && all.stream().anyMatch(c -> c.type().equals(condition));
  }

  @Test
  void a_guest_that_ended_by_itself_stays_down_until_it_is_switched_off_and_on() {
    // Given
    runs("a", "n1");

    // When
    cluster.agentWrites(
        "a",
        """
        {"released":true,"phase":"Stopped","conditions":[{"type":"Ready","status":"False","reason":"GuestStopped","message":"ended","lastTransitionTime":"2026-01-01T00:00:00Z"}]}
        """);

    // Then
    eventually("its place is given back", () -> cluster.slots("a").isEmpty());
    assertThat(cluster.status("a").conditions())
        .as("the agent's words stay")
        .anySatisfy(c -> assertThat(c.reason()).isEqualTo("GuestStopped"));

    // When
    cluster.edit("a", s -> s.replace("{\"cpu\"", "{\"powerState\":\"PoweredOff\",\"cpu\""));
    eventually(
        "told",
        () ->
            cluster.status("a").conditions().stream()
                .anyMatch(c -> c.reason().equals("PoweredOff")));
    cluster.edit("a", s -> s.replace("PoweredOff", "PoweredOn"));

    // Then
    eventually("a slot of the next epoch", () -> slotOf("a", 2) != null);
  }
}
