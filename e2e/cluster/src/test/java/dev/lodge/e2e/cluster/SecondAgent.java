package dev.lodge.e2e.cluster;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** A second DaemonSet of the agent, as a second installation by mistake would make it. */
final class SecondAgent implements AutoCloseable {
  private static final Kubectl ADMIN = Kubectl.admin();
  private static final String NAME = "second-agent";
  private static final int PORT = 9443;

  private final String node;

  private SecondAgent(String node) {
    this.node = node;
  }

  static SecondAgent on(String node) {
    JsonNode first = ADMIN.get(Bed.NAMESPACE, "daemonset", "lodge-agent").orElseThrow();
    ObjectNode copy = Kubectl.JSON.createObjectNode();
    copy.put("apiVersion", "apps/v1").put("kind", "DaemonSet");
    copy.putObject("metadata").put("name", NAME).put("namespace", Bed.NAMESPACE);
    ObjectNode spec = copy.putObject("spec");
    ObjectNode labels = Kubectl.JSON.createObjectNode().put("app", NAME);
    spec.putObject("selector").set("matchLabels", labels);
    ObjectNode template = first.at("/spec/template").deepCopy();
    ((ObjectNode) template.path("metadata")).set("labels", labels.deepCopy());
    ((ObjectNode) template.path("spec"))
        .putObject("nodeSelector")
        .put("kubernetes.io/hostname", node);
    spec.set(
        "template", Kubectl.parse(template.toString().replace("9442", Integer.toString(PORT))));
    ADMIN.apply(copy.toString()).ok();
    var second = new SecondAgent(node);
    Await.until("the second agent", Vm.SOON, () -> !second.readyz().isEmpty());
    return second;
  }

  /** What it says of itself. */
  String readyz() {
    return Bed.node(
            node, "curl", "-s", "--noproxy", "*", "-m", "5", "http://127.0.0.1:" + PORT + "/readyz")
        .out();
  }

  @Override
  public void close() {
    ADMIN.run("-n", Bed.NAMESPACE, "delete", "daemonset", NAME, "--ignore-not-found").ok();
    Await.until("the second agent gone", Vm.SOON, () -> readyz().isEmpty());
  }
}
