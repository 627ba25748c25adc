package dev.lodge.e2e.cluster;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** The agents of the nodes, as the cluster's administrator has them in hand. */
final class Agents {
  private static final Kubectl ADMIN = Kubectl.admin();
  private static final Duration READY = Duration.ofSeconds(120);

  private Agents() {}

  static Optional<JsonNode> pod(String node) {
    return ADMIN
        .list(
            Bed.NAMESPACE,
            "pods",
            "-l",
            "app.kubernetes.io/component=agent",
            "--field-selector=spec.nodeName=" + node)
        .stream()
        .filter(p -> p.at("/metadata/deletionTimestamp").isMissingNode())
        .findFirst();
  }

  /** The agent serves, and the scheduler knows. */
  static boolean ready(String node) {
    return pod(node).filter(Agents::ready).isPresent()
        && ADMIN
            .get("", "node", node)
            .filter(Agents::ready)
            .filter(n -> n.at("/metadata/labels/lodge.dev~1ready").asText().equals("true"))
            .isPresent();
  }

  private static boolean ready(JsonNode object) {
    for (JsonNode c : object.at("/status/conditions")) {
      if (c.path("type").asText().equals("Ready")) {
        return c.path("status").asText().equals("True");
      }
    }
    return false;
  }

  static void awaitReady(List<String> nodes) {
    for (String node : nodes) {
      Await.until(
          "agent of " + node + " ready",
          READY,
          () -> ready(node),
          () -> ADMIN.run("get", "nodes,vmhosts,pods", "-A", "-o", "wide").out() + readyz(node));
    }
  }

  /** What the agent says of itself on the node. */
  static String readyz(String node) {
    return Bed.node(node, "curl", "-s", "--noproxy", "*", "-m", "5", "http://127.0.0.1:9442/readyz")
        .out();
  }

  static void kill(String node) {
    Bed.fault("process", node, "agent", "kill");
  }

  static void pause(String node) {
    Bed.fault("process", node, "agent", "pause");
  }

  static void resume(String node) {
    Bed.fault("process", node, "agent", "resume");
  }

  /** A new pod in place of the agent's, at once: the kubelet makes a container that died wait. */
  static void replace(String node) {
    Optional<JsonNode> old = pod(node);
    // A stopped process hears nothing else, and its port must be free.
    Bed.node(node, "pkill", "-KILL", "-f", "(^|/)java .*dev\\.lodge\\.agent\\.Main");
    old.ifPresent(
        p ->
            ADMIN
                .run(
                    "-n",
                    Bed.NAMESPACE,
                    "delete",
                    "pod",
                    p.at("/metadata/name").asText(),
                    "--force",
                    "--grace-period=0")
                .ok());
    String before = old.map(p -> p.at("/metadata/uid").asText()).orElse("");
    Await.until(
        "a new agent on " + node,
        READY,
        () ->
            pod(node).filter(p -> !p.at("/metadata/uid").asText().equals(before)).isPresent()
                && ready(node),
        () -> readyz(node));
  }

  /** How many boots the node's VmHost has counted. */
  static long bootGeneration(String node) {
    return ADMIN.get("", "vmhost", node).orElseThrow().at("/status/bootGeneration").asLong();
  }
}
