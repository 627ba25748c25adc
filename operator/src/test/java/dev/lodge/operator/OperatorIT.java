package dev.lodge.operator;

import static dev.lodge.operator.PlayedCluster.NAMESPACE;
import static dev.lodge.operator.TestCluster.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lodge.api.common.Condition;
import dev.lodge.api.v1alpha1.vmaddress.VmAddress;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;

/**
 * The operator against a real API server and a real scheduler: LODGE_TEST_CLUSTER is the kubeconfig
 * of a cluster that may be played with. Nodes, kubelets and agents are played.
 */
@EnabledIfEnvironmentVariable(named = "LODGE_TEST_CLUSTER", matches = ".+")
class OperatorIT {
  private static final String SMALL =
      """
      {"cpu":{"count":1},"memory":{"size":"4Mi"}}
      """;

  private static KubernetesClient client;
  private static PlayedCluster cluster;
  private static OperatorApp app;
  private static MeterRegistry meters;

  @BeforeAll
  static void start() throws Exception {
    Config config =
        Config.fromKubeconfig(Files.readString(Path.of(System.getenv("LODGE_TEST_CLUSTER"))));
    config.setRequestRetryBackoffLimit(0);
    config.setClientKeyAlgo("EC");
    client = new KubernetesClientBuilder().withConfig(config).build();
    cluster = new PlayedCluster(client);
    cluster.start(4);
    meters = new SimpleMeterRegistry();
    app =
        new OperatorApp(
            client, new TestSettings(), "it", "it-cluster", meters, InstantSource.system());
    app.start();
    cluster.create(
        "/apis/lodge.dev/v1alpha1/namespaces/" + NAMESPACE + "/vmnetworks",
        """
        {"apiVersion":"lodge.dev/v1alpha1","kind":"VmNetwork","metadata":{"name":"default"},"spec":{"nat":{},"ipv4":{"cidr":"10.77.0.0/16"}}}
        """);
  }

  @AfterAll
  static void stop() throws Exception {
    if (cluster != null) {
      cluster.close();
    }
    if (app != null) {
      app.close();
    }
    if (client != null) {
      client.close();
    }
  }

  private static double done(String verb) {
    return meters.counter("lodge.operator.requests", "verb", verb, "outcome", "done").count();
  }

  @Test
  void vms_cost_four_writes_each_until_they_have_their_owner_and_none_when_idle() throws Exception {
    // Given
    cluster.vm("warm", SMALL);
    eventually("the first one runs", () -> cluster.running.containsKey("warm"));
    int vms = Integer.getInteger("lodge.it.vms", 20);
    long pause = Long.getLong("lodge.it.pause", 100);
    double before = done("merge") + done("create") + done("replace");
    var created = new ArrayList<Long>();

    // When
    long begin = System.nanoTime();
    for (int i = 0; i < vms; i++) {
      created.add(cluster.vm("many-" + i, SMALL));
      java.util.concurrent.locks.LockSupport.parkNanos(pause * 1_000_000);
    }
    eventually("all run", Duration.ofMinutes(5), () -> cluster.running.size() >= vms + 1);
    double took = (System.nanoTime() - begin) / 1e9;

    // Then
    double writes = done("merge") + done("create") + done("replace") - before;
    var millis = new ArrayList<Long>();
    for (int i = 0; i < vms; i++) {
      millis.add((cluster.owned.get("many-" + i) - created.get(i)) / 1_000_000);
    }
    millis.sort(null);
    System.out.printf(
        "create -> owner: p50 %d ms, p95 %d ms; %d VMs in %.1f s; %.2f writes each%n",
        millis.get(vms / 2), millis.get(vms * 95 / 100), vms, took, writes / vms);
    assertThat(writes).isEqualTo(4.0 * vms);
    assertThat(addresses()).doesNotHaveDuplicates().hasSizeGreaterThan(vms);
  }

  private static List<String> addresses() {
    return client.resources(VmAddress.class).list().getItems().stream()
        .map(a -> a.getMetadata().getName())
        .toList();
  }

  @Test
  void a_drained_vm_is_told_to_leave_and_starts_again_under_the_next_epoch() {
    // Given
    cluster.vm("drained", SMALL);
    eventually("it runs", () -> cluster.running.containsKey("drained"));
    Pod slot =
        client
            .pods()
            .inNamespace(NAMESPACE)
            .withLabel("lodge.dev/vm", "drained")
            .list()
            .getItems()
            .getFirst();

    // When
    client.resource(slot).withGracePeriod(300).delete();

    // Then
    eventually(
        "a second epoch",
        () ->
            cluster.status("drained").epoch() == 2
                && cluster.status("drained").claimedBy() != null);
    assertThat(cluster.status("drained").slots())
        .singleElement()
        .satisfies(s -> assertThat(s.name()).endsWith("-2"));
  }

  @Test
  void what_the_scheduler_says_is_in_the_condition() {
    // Given / When
    cluster.vm(
        "nowhere",
        """
        {"cpu":{"count":1},"memory":{"size":"4Mi"},"placement":{"nodeSelector":{"disk":"moon"}}}
        """);

    // Then
    eventually("told", () -> condition("nowhere", "Scheduled") != null);
    assertThat(condition("nowhere", "Scheduled").reason()).isEqualTo("Unschedulable");
    assertThat(condition("nowhere", "Scheduled").message()).contains("node affinity/selector");
    assertThat(cluster.status("nowhere").phase()).isEqualTo("Pending");
  }

  @Test
  void a_vm_that_is_switched_off_gives_its_place_back_and_keeps_its_address() {
    // Given
    cluster.vm("off", SMALL);
    eventually("it runs", () -> cluster.running.containsKey("off"));
    List<String> ips = cluster.status("off").interfaces().getFirst().ips();

    // When
    client
        .resources(dev.lodge.api.v1alpha1.virtualmachine.VirtualMachine.class)
        .inNamespace(NAMESPACE)
        .withName("off")
        .patch(
            io.fabric8.kubernetes.client.dsl.base.PatchContext.of(
                io.fabric8.kubernetes.client.dsl.base.PatchType.JSON_MERGE),
            "{\"spec\":{\"powerState\":\"PoweredOff\"}}");

    // Then
    eventually(
        "no slot",
        () ->
            client
                .pods()
                .inNamespace(NAMESPACE)
                .withLabel("lodge.dev/vm", "off")
                .list()
                .getItems()
                .isEmpty());
    eventually("told", () -> "Stopped".equals(cluster.status("off").phase()));
    assertThat(cluster.status("off").interfaces().getFirst().ips()).isEqualTo(ips);
    assertThat(addresses()).anyMatch(a -> a.endsWith(ips.getFirst()));
  }

  private static Condition condition(String vm, String type) {
    var conditions = cluster.status(vm).conditions();
    return conditions == null
        ? null
        : conditions.stream().filter(c -> c.type().equals(type)).findFirst().orElse(null);
  }
}
