package dev.lodge.bench.scale;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Stands in for the kubelets: nodes that are there and stay ready, pods that run as soon as they
 * are bound, and slots that end by nothing but SIGKILL, the agent's or, after the grace, the
 * kubelet's. Each writes with a kubelet's own rights.
 */
final class Kubelets implements AutoCloseable {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
  private static final DateTimeFormatter MICROS =
      DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSSSS'Z'").withZone(ZoneOffset.UTC);

  /** As a real kubelet by default. */
  private static final Duration LEASE_EVERY = Duration.ofSeconds(10);

  private static final Duration STATUS_EVERY = Duration.ofMinutes(5);
  private static final String SLOT_LABEL = "lodge.dev/vm-uid";

  private final Api api;
  private final Set<String> nodes;
  private final Map<String, Pod> pods = new ConcurrentHashMap<>();
  private final Map<String, Boolean> killed = new ConcurrentHashMap<>();
  private final AtomicInteger failures = new AtomicInteger();
  private final ScheduledExecutorService beats =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("kubelets").factory());
  private final Thread following;

  private static final class Pod {
    final String namespace;
    final String name;
    final String uid;
    final String node;
    final boolean slot;
    volatile boolean deleting;
    volatile boolean started;
    volatile boolean finishing;

    Pod(JsonNode tree) {
      JsonNode metadata = tree.path("metadata");
      namespace = metadata.path("namespace").asText();
      name = metadata.path("name").asText();
      uid = metadata.path("uid").asText();
      node = tree.path("spec").path("nodeName").asText();
      slot = metadata.path("labels").has(SLOT_LABEL);
    }

    String path() {
      return "/api/v1/namespaces/" + namespace + "/pods/" + name;
    }
  }

  Kubelets(Api api, List<String> nodes) {
    this.api = api;
    this.nodes = new LinkedHashSet<>(nodes);
    this.following = Thread.ofPlatform().daemon().name("pods").unstarted(this::follow);
  }

  /** Requests of the stand-in that were not granted; of pods that went meanwhile none counts. */
  int failures() {
    return failures.get();
  }

  void start() {
    for (String node : nodes) {
      check(api.asKubelet(node).post("/api/v1/nodes", node(node)).join(), "node " + node);
      check(
          api.asKubelet(node)
              .post("/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases", lease(node))
              .join(),
          "lease " + node);
      status(node);
    }
    following.start();
    every(LEASE_EVERY, this::renew);
    every(STATUS_EVERY, this::status);
  }

  /** Not all nodes at once, as kubelets do not start at once either. */
  private void every(Duration period, java.util.function.Consumer<String> what) {
    long step = period.toMillis() / nodes.size();
    long delay = 0;
    for (String node : nodes) {
      var unused =
          beats.scheduleAtFixedRate(
              () -> what.accept(node), delay, period.toMillis(), TimeUnit.MILLISECONDS);
      delay += step;
    }
  }

  private void renew(String node) {
    ObjectNode renewal = JSON.objectNode();
    renewal.putObject("spec").put("renewTime", MICROS.format(Instant.now()));
    var unused =
        api.asKubelet(node)
            .merge(
                "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/" + node, renewal)
            .thenAccept(r -> check(r, "lease " + node));
  }

  private void status(String node) {
    ObjectNode body = JSON.objectNode();
    ArrayNode conditions = body.putObject("status").putArray("conditions");
    String now = now();
    for (String type : List.of("MemoryPressure", "DiskPressure", "PIDPressure", "Ready")) {
      conditions
          .addObject()
          .put("type", type)
          .put("status", type.equals("Ready") ? "True" : "False")
          .put("reason", "Simulated")
          .put("message", "")
          .put("lastHeartbeatTime", now);
    }
    var unused =
        api.asKubelet(node)
            .patch("/api/v1/nodes/" + node + "/status", body)
            .thenAccept(r -> check(r, "status of node " + node));
  }

  private void check(Api.Reply r, String what) {
    if (!r.ok() && r.code() != 409 && r.code() != 404) {
      failures.incrementAndGet();
      System.err.println("kubelet: " + what + ": " + r.code() + " " + r.body());
    }
  }

  private static ObjectNode node(String name) {
    ObjectNode node = JSON.objectNode();
    node.put("apiVersion", "v1").put("kind", "Node");
    ObjectNode metadata = node.putObject("metadata").put("name", name);
    metadata
        .putObject("labels")
        .put("kubernetes.io/hostname", name)
        .put("kubernetes.io/os", "linux")
        .put("kubernetes.io/arch", "amd64");
    ObjectNode status = node.putObject("status");
    for (String what : List.of("capacity", "allocatable")) {
      status
          .putObject(what)
          .put("cpu", "64")
          .put("memory", "256Gi")
          .put("pods", "250")
          .put("ephemeral-storage", "100Gi");
    }
    return node;
  }

  private static ObjectNode lease(String name) {
    ObjectNode lease = JSON.objectNode();
    lease.put("apiVersion", "coordination.k8s.io/v1").put("kind", "Lease");
    lease.putObject("metadata").put("name", name);
    lease
        .putObject("spec")
        .put("holderIdentity", name)
        .put("leaseDurationSeconds", 40)
        .put("renewTime", MICROS.format(Instant.now()));
    return lease;
  }

  private void follow() {
    try {
      api.follow("/api/v1/pods?fieldSelector=spec.nodeName%21%3D", this::seen);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void seen(JsonNode event) {
    JsonNode tree = event.path("object");
    String uid = tree.path("metadata").path("uid").asText();
    if (!nodes.contains(tree.path("spec").path("nodeName").asText())) {
      return;
    }
    if (event.path("type").asText().equals("DELETED")) {
      pods.remove(uid);
      killed.remove(uid);
      return;
    }
    Pod pod = pods.computeIfAbsent(uid, _ -> new Pod(tree));
    if (tree.path("metadata").has("deletionTimestamp")) {
      boolean first = !pod.deleting;
      pod.deleting = true;
      if (!pod.slot || killed.containsKey(uid)) {
        finish(pod);
      } else if (first) {
        long grace = tree.path("metadata").path("deletionGracePeriodSeconds").asLong();
        var unused = beats.schedule(() -> kill(uid), grace, TimeUnit.SECONDS);
      }
    } else if (!pod.started && tree.path("status").path("phase").asText().equals("Pending")) {
      pod.started = true;
      run(pod, tree);
    }
  }

  private void run(Pod pod, JsonNode tree) {
    String now = now();
    ObjectNode body = JSON.objectNode();
    body.putObject("metadata").put("uid", pod.uid);
    ObjectNode status = body.putObject("status");
    status.put("phase", "Running").put("startTime", now).put("podIP", "10.244.0.1");
    ArrayNode conditions = status.putArray("conditions");
    for (String type :
        List.of("PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady")) {
      conditions.addObject().put("type", type).put("status", "True").put("lastTransitionTime", now);
    }
    ArrayNode containers = status.putArray("containerStatuses");
    for (JsonNode c : tree.path("spec").path("containers")) {
      ObjectNode state =
          containers
              .addObject()
              .put("name", c.path("name").asText())
              .put("image", c.path("image").asText())
              .put("imageID", "sha256:0")
              .put("containerID", "containerd://" + pod.uid)
              .put("ready", true)
              .put("started", true)
              .put("restartCount", 0);
      state.putObject("state").putObject("running").put("startedAt", now);
    }
    var unused =
        api.asKubelet(pod.node)
            .patch(pod.path() + "/status", body)
            .thenAccept(r -> check(r, "pod " + pod.name));
  }

  /** SIGKILL of a slot's process. One that is not being deleted begins anew. */
  void kill(String podUid) {
    Pod pod = pods.get(podUid);
    if (pod == null || pod.finishing) {
      return;
    }
    if (pod.deleting) {
      finish(pod);
    } else {
      // The agent may know of the deletion before this watch does.
      killed.put(podUid, true);
      if (pod.deleting) {
        finish(pod);
      }
    }
  }

  private void finish(Pod pod) {
    pod.finishing = true;
    ObjectNode options = JSON.objectNode();
    options.put("apiVersion", "v1").put("kind", "DeleteOptions").put("gracePeriodSeconds", 0);
    options.putObject("preconditions").put("uid", pod.uid);
    var unused =
        api.asKubelet(pod.node)
            .delete(pod.path(), options)
            .thenAccept(r -> check(r, "end of pod " + pod.name));
  }

  private static String now() {
    return Instant.now().truncatedTo(java.time.temporal.ChronoUnit.SECONDS).toString();
  }

  @Override
  public void close() {
    beats.shutdownNow();
    following.interrupt();
  }
}
