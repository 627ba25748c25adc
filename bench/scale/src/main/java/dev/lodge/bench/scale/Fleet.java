package dev.lodge.bench.scale;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lodge.agent.cluster.ClusterNode;
import dev.lodge.agent.cluster.Slots;
import dev.lodge.agent.kube.KubeApi;
import dev.lodge.agent.kube.KubeConfig;
import dev.lodge.agent.reconcile.VmEvents;
import dev.lodge.agent.reconcile.VmMetrics;
import dev.lodge.agent.storage.Brought;
import dev.lodge.agent.store.StoredObject;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineStatus;
import dev.lodge.testkit.hypervisor.InMemoryHypervisor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The agents of all simulated nodes: each is what an agent pod runs, with the bound token of its
 * node's own pod of the DaemonSet, so that the admission policies judge it as they judge the real
 * one.
 */
final class Fleet implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final Deque<AutoCloseable> parts = new ArrayDeque<>();
  private final List<ClusterNode> agents = new ArrayList<>();
  private final Troubles troubles = new Troubles();

  /** What went wrong at the agents. */
  static final class Troubles implements VmMetrics, VmEvents {
    private final AtomicInteger count = new AtomicInteger();

    int count() {
      return count.get();
    }

    private void note(String what) {
      if (count.incrementAndGet() <= 20) {
        System.err.println("agent: " + what);
      }
    }

    @Override
    public void started(Phase phase, Duration took) {}

    @Override
    public void startFailed(String reason) {
      note("start failed: " + reason);
    }

    @Override
    public void guestEnded(String how) {
      note("guest ended: " + how);
    }

    @Override
    public void passBroke(Throwable fault) {
      note("pass broke: " + fault);
    }

    @Override
    public void normal(StoredObject vm, String reason, String message) {}

    @Override
    public void warning(StoredObject vm, String reason, String message) {
      note(vm.name() + ": " + reason + ": " + message);
    }
  }

  /** A slot of these VMs brings nothing. */
  private record SimulatedSlots(Kubelets kubelets) implements Slots {
    @Override
    public Brought brought(String podUid, Runnable running) {
      return Brought.NOTHING;
    }

    @Override
    public void end(VirtualMachineStatus.Slot slot) {
      kubelets.kill(slot.uid());
    }
  }

  int troubles() {
    return troubles.count();
  }

  /**
   * Starts an agent on each node, once the DaemonSet's pod of it is there.
   *
   * @param kubeconfig of the administrator: server and certificate authority are taken from it
   */
  static Fleet start(
      Api api, Kubelets kubelets, List<String> nodes, Path kubeconfig, String namespace, Path work)
      throws IOException, InterruptedException {
    var fleet = new Fleet();
    Map<String, JsonNode> pods = agentPods(api, nodes, namespace);
    for (String node : nodes) {
      JsonNode pod = Objects.requireNonNull(pods.get(node));
      Path directory = work.resolve("nodes").resolve(node);
      Files.createDirectories(directory.resolve("state"));
      Path credentials = directory.resolve("kubeconfig");
      Credentials.write(credentials, kubeconfig, token(api, node, namespace, pod.path("metadata")));
      var kube = new KubeApi(KubeConfig.ofFile(credentials), PATIENCE);
      fleet.parts.push(kube);
      var hypervisor = new InMemoryHypervisor();
      fleet.parts.push(hypervisor);
      var agent =
          ClusterNode.start(
              new ClusterNode.Identity(
                  node,
                  namespace,
                  UUID.nameUUIDFromBytes(node.getBytes(java.nio.charset.StandardCharsets.UTF_8))
                      .toString()
                      .replace("-", ""),
                  UUID.randomUUID().toString(),
                  "bench"),
              new ClusterNode.Surroundings(
                  kube,
                  hypervisor,
                  directory.resolve("state"),
                  directory.resolve("locks"),
                  null,
                  new SimulatedSlots(kubelets),
                  fleet.troubles,
                  fleet.troubles,
                  Clock.systemUTC()));
      fleet.parts.push(agent);
      fleet.agents.add(agent);
    }
    return fleet;
  }

  /** The DaemonSet's pods by node, as the scheduler bound them. */
  private static Map<String, JsonNode> agentPods(Api api, List<String> nodes, String namespace)
      throws InterruptedException {
    long until = System.nanoTime() + Duration.ofMinutes(3).toNanos();
    while (true) {
      var found = new LinkedHashMap<String, JsonNode>();
      JsonNode list =
          api.get(
                  "/api/v1/namespaces/"
                      + namespace
                      + "/pods?labelSelector=app.kubernetes.io%2Fcomponent%3Dagent")
              .body();
      for (JsonNode pod : list.path("items")) {
        found.put(pod.path("spec").path("nodeName").asText(), pod);
      }
      if (found.keySet().containsAll(nodes)) {
        return found;
      }
      if (System.nanoTime() > until) {
        throw new IllegalStateException(
            "the DaemonSet has pods on " + found.keySet() + ", but not on all of " + nodes);
      }
      Thread.sleep(200);
    }
  }

  /** As the kubelet asks for it, with the kubelet's rights. */
  private static String token(Api api, String node, String namespace, JsonNode pod) {
    ObjectNode request = JsonNodeFactory.instance.objectNode();
    request.put("apiVersion", "authentication.k8s.io/v1").put("kind", "TokenRequest");
    request
        .putObject("spec")
        .put("expirationSeconds", 6 * 3600)
        .putObject("boundObjectRef")
        .put("kind", "Pod")
        .put("apiVersion", "v1")
        .put("name", pod.path("name").asText())
        .put("uid", pod.path("uid").asText());
    Api.Reply r =
        api.asKubelet(node)
            .post("/api/v1/namespaces/" + namespace + "/serviceaccounts/lodge-agent/token", request)
            .join();
    if (!r.ok()) {
      throw new IllegalStateException("no token for " + node + ": " + r.body());
    }
    return r.body().path("status").path("token").asText();
  }

  /** Waits until each agent can do its work. */
  void awaitReady(Duration patience) throws InterruptedException {
    long until = System.nanoTime() + patience.toNanos();
    for (ClusterNode agent : agents) {
      while (agent.missing().isPresent()) {
        if (System.nanoTime() > until) {
          throw new IllegalStateException("an agent is not ready: " + agent.missing().get());
        }
        Thread.sleep(50);
      }
    }
  }

  @Override
  public void close() {
    while (!parts.isEmpty()) {
      try {
        parts.pop().close();
      } catch (Exception e) {
        System.err.println("end of an agent: " + e);
      }
    }
  }
}
