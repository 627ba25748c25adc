package dev.lodge.operator;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachine;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineSpec.PowerState;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineStatus;
import dev.lodge.operator.client.ApiClient;
import dev.lodge.operator.client.Reply;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.Watch;
import io.fabric8.kubernetes.client.Watcher;
import io.fabric8.kubernetes.client.WatcherException;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A real API server and scheduler with nodes that are played: their Leases are renewed, their pods
 * end when they are deleted, and their agents claim and release.
 */
final class PlayedCluster implements AutoCloseable {
  static final String NAMESPACE = "oper-it";
  static final String PREFIX = "oper-played-";
  private static final DateTimeFormatter MICROS =
      DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSSSS'Z'").withZone(ZoneOffset.UTC);

  final KubernetesClient client;
  final ApiClient api;
  final Map<String, Long> owned = new ConcurrentHashMap<>();
  final Map<String, Long> running = new ConcurrentHashMap<>();
  private final List<String> nodes = new ArrayList<>();
  private final ScheduledExecutorService beat = Executors.newSingleThreadScheduledExecutor();
  private final ExecutorService agents = Executors.newFixedThreadPool(4);
  private final List<Watch> watches = new ArrayList<>();
  private final ObjectMapper mapper = new ObjectMapper();

  PlayedCluster(KubernetesClient client) {
    this.client = client;
    this.api = new ApiClient(client, new SimpleMeterRegistry());
  }

  void start(int count) throws Exception {
    try (Stream<Path> crds = Files.list(Path.of("../crds"))) {
      for (Path crd : crds.toList()) {
        client.load(Files.newInputStream(crd)).forceConflicts().serverSideApply();
      }
    }
    for (String n : List.of("lodge-system", NAMESPACE)) {
      client
          .resource(new NamespaceBuilder().withNewMetadata().withName(n).endMetadata().build())
          .serverSideApply();
    }
    TestCluster.eventually(
        "the CRDs are served",
        () -> api.get("/apis/lodge.dev/v1alpha1/virtualmachines") instanceof Reply.Done);
    TestCluster.eventually(
        "a ServiceAccount for pods",
        () -> client.serviceAccounts().inNamespace(NAMESPACE).withName("default").get() != null);
    for (int i = 0; i < count; i++) {
      node(PREFIX + i);
    }
    beat.scheduleAtFixedRate(() -> nodes.forEach(this::renew), 4, 4, TimeUnit.SECONDS);
    watches.add(
        client
            .resources(VirtualMachine.class)
            .inNamespace(NAMESPACE)
            .watch(told((_, vm) -> agents.execute(() -> agent(vm)))));
    watches.add(
        client
            .pods()
            .inNamespace(NAMESPACE)
            .watch(told((_, pod) -> agents.execute(() -> kubelet(pod)))));
  }

  private void node(String name) {
    nodes.add(name);
    create(
        "/api/v1/nodes",
        """
        {"apiVersion":"v1","kind":"Node","metadata":{"name":"%s","labels":{"kubernetes.io/arch":"amd64","kubernetes.io/hostname":"%s"}}}
        """
            .formatted(name, name));
    renew(name);
    create(
        "/apis/lodge.dev/v1alpha1/vmhosts",
        """
        {"apiVersion":"lodge.dev/v1alpha1","kind":"VmHost","metadata":{"name":"%s"},"spec":{}}
        """
            .formatted(name));
    Reply host = api.get("/apis/lodge.dev/v1alpha1/vmhosts/" + name);
    if (host instanceof Reply.Done d) {
      ObjectNode tree = (ObjectNode) d.object();
      tree.set(
          "status",
          json(
              """
              {"machineID":"m-%s","bootID":"b","bootGeneration":1,"capabilities":{"kvm":true},
               "conditions":[{"type":"Ready","status":"True","reason":"Available","message":"","lastTransitionTime":"2026-01-01T00:00:00Z"}]}
              """
                  .formatted(name)));
      api.replace("/apis/lodge.dev/v1alpha1/vmhosts/" + name + "/status", tree);
    }
  }

  private void renew(String name) {
    String now = MICROS.format(Instant.now());
    api.merge(
        "/api/v1/nodes/" + name + "/status",
        json(
            """
            {"status":{"allocatable":{"cpu":"1000","memory":"4Ti","pods":"10000"},"capacity":{"cpu":"1000","memory":"4Ti","pods":"10000"},
             "conditions":[{"type":"Ready","status":"True","reason":"KubeletReady","message":"played","lastHeartbeatTime":"%s","lastTransitionTime":"%s"}]}}
            """
                .formatted(now.substring(0, 19) + "Z", now.substring(0, 19) + "Z")));
    String leases = "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases";
    String lease =
        """
        {"apiVersion":"coordination.k8s.io/v1","kind":"Lease","metadata":{"name":"%s"},"spec":{"holderIdentity":"%s","leaseDurationSeconds":40,"renewTime":"%s"}}
        """
            .formatted(name, name, now);
    if (api.create(leases, json(lease)) instanceof Reply.Exists) {
      api.merge(leases + "/" + name, json(lease));
    }
  }

  /** Claims what it is given, lets go what it must. */
  private void agent(VirtualMachine vm) {
    VirtualMachineStatus s = vm.getStatus();
    if (s == null || s.nodeName() == null || Boolean.TRUE.equals(s.released())) {
      return;
    }
    String key = vm.getMetadata().getName();
    owned.putIfAbsent(key, System.nanoTime());
    boolean stop =
        vm.getMetadata().getDeletionTimestamp() != null
            || vm.getSpec().powerState() == PowerState.PoweredOff
            || s.slots() != null
                && s.slots().stream().anyMatch(x -> Boolean.TRUE.equals(x.leaving()));
    if (stop && s.claimedBy() != null) {
      status(vm, "{\"released\":true,\"phase\":\"Stopped\"}");
    } else if (!stop && s.claimedBy() == null) {
      status(
          vm,
          "{\"claimedBy\":\"Start\",\"claimBootGeneration\":1,\"claimNonce\":\"n\",\"phase\":\"Running\"}");
      running.putIfAbsent(key, System.nanoTime());
    }
  }

  /** Puts members into a status as an agent does: live, by version. */
  void status(VirtualMachine vm, String members) {
    String path =
        "/apis/lodge.dev/v1alpha1/namespaces/"
            + NAMESPACE
            + "/virtualmachines/"
            + vm.getMetadata().getName();
    if (api.get(path) instanceof Reply.Done d) {
      ObjectNode tree = (ObjectNode) d.object();
      ((ObjectNode) tree.get("status")).setAll((ObjectNode) json(members));
      api.replace(path + "/status", tree);
    }
  }

  /** A deleted slot of a played node ends once its VM was let go. */
  private void kubelet(Pod pod) {
    String node = pod.getSpec().getNodeName();
    if (pod.getMetadata().getDeletionTimestamp() == null
        || node == null
        || !node.startsWith(PREFIX)) {
      return;
    }
    api.delete(
        "/api/v1/namespaces/" + NAMESPACE + "/pods/" + pod.getMetadata().getName(),
        pod.getMetadata().getUid(),
        null,
        0);
  }

  void create(String path, String object) {
    Reply r = api.create(path, json(object));
    if (!(r instanceof Reply.Done || r instanceof Reply.Exists)) {
      throw new IllegalStateException(path + ": " + r);
    }
  }

  /** Creates a VM; the spec as JSON. */
  long vm(String name, String spec) {
    long now = System.nanoTime();
    create(
        "/apis/lodge.dev/v1alpha1/namespaces/" + NAMESPACE + "/virtualmachines",
        "{\"apiVersion\":\"lodge.dev/v1alpha1\",\"kind\":\"VirtualMachine\",\"metadata\":{\"name\":\""
            + name
            + "\"},\"spec\":"
            + spec
            + "}");
    return now;
  }

  VirtualMachine vm(String name) {
    return client.resources(VirtualMachine.class).inNamespace(NAMESPACE).withName(name).get();
  }

  VirtualMachineStatus status(String name) {
    VirtualMachine vm = vm(name);
    return vm == null || vm.getStatus() == null ? VirtualMachineStatus.empty() : vm.getStatus();
  }

  private JsonNode json(String text) {
    try {
      return mapper.readTree(text);
    } catch (com.fasterxml.jackson.core.JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static <T> Watcher<T> told(java.util.function.BiConsumer<Watcher.Action, T> then) {
    return new Watcher<>() {
      @Override
      public void eventReceived(Action action, T object) {
        if (action != Action.DELETED && action != Action.BOOKMARK) {
          then.accept(action, object);
        }
      }

      @Override
      public void onClose(WatcherException cause) {}
    };
  }

  @Override
  public void close() throws Exception {
    client.resources(VirtualMachine.class).inNamespace(NAMESPACE).delete();
    TestCluster.eventually(
        "all VMs are gone",
        Duration.ofMinutes(2),
        () ->
            client
                .resources(VirtualMachine.class)
                .inNamespace(NAMESPACE)
                .list()
                .getItems()
                .isEmpty());
    watches.forEach(Watch::close);
    beat.shutdownNow();
    agents.shutdownNow();
    owned.clear();
    for (String n : nodes) {
      api.delete("/api/v1/nodes/" + n, uid("/api/v1/nodes/" + n), null, null);
      String host = "/apis/lodge.dev/v1alpha1/vmhosts/" + n;
      api.delete(host, uid(host), null, null);
    }
  }

  private String uid(String path) {
    return api.get(path) instanceof Reply.Done d
        ? d.object().path("metadata").path("uid").asText()
        : "";
  }
}
