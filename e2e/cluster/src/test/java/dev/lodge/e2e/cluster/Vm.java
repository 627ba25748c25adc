package dev.lodge.e2e.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** A VM of a test, as its user and as its node see it. */
record Vm(String namespace, String name) {
  static final Duration SOON = Duration.ofSeconds(60);
  private static final Kubectl ADMIN = Kubectl.admin();

  /** A process of QEMU: the number in its node's namespace and when it began. */
  record Qemu(String pid, String started) {}

  Optional<JsonNode> object() {
    return ADMIN.get(namespace, "vm", name);
  }

  JsonNode status() {
    return object()
        .map(o -> o.path("status"))
        .orElseThrow(() -> new AssertionError(this + " is gone"));
  }

  String phase() {
    return status().path("phase").asText();
  }

  String node() {
    return status().path("nodeName").asText();
  }

  long epoch() {
    return status().path("epoch").asLong();
  }

  String uid() {
    return object().orElseThrow().at("/metadata/uid").asText();
  }

  JsonNode condition(String type) {
    for (JsonNode c : status().path("conditions")) {
      if (c.path("type").asText().equals(type)) {
        return c;
      }
    }
    return com.fasterxml.jackson.databind.node.MissingNode.getInstance();
  }

  Vm awaitPhase(String phase) {
    return awaitPhase(phase, SOON);
  }

  Vm awaitPhase(String phase, Duration limit) {
    Await.until(this + " " + phase, limit, () -> phase().equals(phase), this::story);
    return this;
  }

  /** Runs, and the node has the one QEMU of it. */
  Qemu running() {
    awaitPhase("Running");
    return qemu(node())
        .orElseThrow(() -> new AssertionError("no QEMU of " + this + "\n" + story()));
  }

  /** The QEMU of this VM on a node; more than one fails. */
  Optional<Qemu> qemu(String node) {
    Shell.Result r =
        Bed.node(
            node,
            "sh",
            "-c",
            "for p in $(pgrep -f 'guest=%s_%s,'); do grep -q qemu /proc/$p/comm && echo $p $(cut -d' ' -f22 /proc/$p/stat); done; true"
                .formatted(namespace, name));
    List<String> lines = r.out().lines().filter(l -> !l.isBlank()).toList();
    assertThat(lines).as("QEMUs of %s on %s", this, node).hasSizeLessThan(2);
    return lines.stream().findFirst().map(l -> new Qemu(l.split(" ")[0], l.split(" ")[1]));
  }

  /** Its QEMUs on all nodes. */
  long qemus(List<String> nodes) {
    return nodes.stream().filter(n -> qemu(n).isPresent()).count();
  }

  List<JsonNode> slots() {
    return ADMIN.list(namespace, "pods", "-l", "lodge.dev/vm=" + name);
  }

  Vm power(boolean on) {
    patch("{\"spec\":{\"powerState\":\"" + (on ? "PoweredOn" : "PoweredOff") + "\"}}");
    return this;
  }

  void patch(String merge) {
    ADMIN.run("-n", namespace, "patch", "vm", name, "--type=merge", "-p", merge).ok();
  }

  void delete() {
    ADMIN.run("-n", namespace, "delete", "vm", name, "--wait=false", "--ignore-not-found").ok();
  }

  void awaitGone() {
    Await.until(this + " gone", SOON, () -> object().isEmpty() && slots().isEmpty(), this::story);
  }

  /** What a person would look at. */
  String story() {
    return ADMIN.run("-n", namespace, "get", "vm", name, "-o", "yaml").out()
        + ADMIN.run("-n", namespace, "get", "pods", "-o", "wide").out()
        + ADMIN.run("-n", Bed.NAMESPACE, "get", "pods", "-o", "wide").out();
  }

  @Override
  public String toString() {
    return namespace + "/" + name;
  }
}
