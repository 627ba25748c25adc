package dev.lodge.operator;

import static dev.lodge.operator.TestCluster.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lodge.api.v1alpha1.vmaddress.VmAddress;
import io.fabric8.kubernetes.api.model.Pod;
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
}
