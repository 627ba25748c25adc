package dev.lodge.operator.vmhost;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lodge.api.ResourceKind;
import dev.lodge.api.v1alpha1.vmhost.VmHost;
import dev.lodge.domain.ownership.Fencing;
import dev.lodge.domain.ownership.FencingAction;
import dev.lodge.domain.ownership.HostFacts;
import dev.lodge.operator.cache.Cluster;
import dev.lodge.operator.cache.NodeTrim;
import dev.lodge.operator.client.ApiClient;
import dev.lodge.operator.client.ApiPath;
import dev.lodge.operator.client.Reply;
import io.fabric8.kubernetes.api.model.Node;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One pass over a node: keep its VmHost, tell the scheduler what it can do, carry out fencing. */
final class HostPass {
  private static final Logger LOG = LoggerFactory.getLogger(HostPass.class);

  /**
   * Keeps the count of boots: without it, a claim of an old boot could look like one of the
   * present.
   */
  static final String FINALIZER = "lodge.dev/host";

  private final ApiClient api;
  private final Cluster cluster;
  private final VmHost host;
  private final String name;
  private final Predicate<String> holdsVms;

  /**
   * @param holdsVms whether a VM's record names the node as one that may run it
   */
  HostPass(ApiClient api, Cluster cluster, VmHost host, Predicate<String> holdsVms) {
    this.api = api;
    this.cluster = cluster;
    this.host = host;
    this.name = host.getMetadata().getName();
    this.holdsVms = holdsVms;
  }

  /** Whether all is done; else look again soon. */
  boolean run() {
    boolean kept = keep();
    boolean told = labels();
    boolean fenced = fence();
    return kept && told && fenced;
  }

  private boolean keep() {
    boolean has =
        host.getMetadata().getFinalizers() != null
            && host.getMetadata().getFinalizers().contains(FINALIZER);
    if (host.getMetadata().getDeletionTimestamp() == null) {
      return has || done(finalizer(true), "finalizer");
    }
    // A record that names it needs the count; the VMs' own passes wait for release or proof.
    return !has || holdsVms.test(name) || done(finalizer(false), "finalizer");
  }

  private Reply finalizer(boolean add) {
    Reply live = api.get(path());
    if (!(live instanceof Reply.Done d) || !(d.object() instanceof ObjectNode tree)) {
      return live;
    }
    if (!(tree.get("metadata") instanceof ObjectNode metadata)) {
      return live;
    }
    ArrayNode now = JsonNodeFactory.instance.arrayNode();
    for (JsonNode f : metadata.path("finalizers")) {
      if (!f.asText().equals(FINALIZER)) {
        now.add(f);
      }
    }
    if (add) {
      now.add(FINALIZER);
    }
    metadata.set("finalizers", now);
    return api.replace(path(), tree);
  }

  private boolean labels() {
    Node node = cluster.nodes.get(null, name);
    if (node == null) {
      return true;
    }
    Map<String, String> present =
        node.getMetadata().getLabels() == null ? Map.of() : node.getMetadata().getLabels();
    boolean going = host.getMetadata().getDeletionTimestamp() != null;
    Map<String, @Nullable String> change =
        NodeLabels.change(going ? Map.of() : NodeLabels.of(host), present);
    if (change.isEmpty()) {
      return true;
    }
    ObjectNode patch = JsonNodeFactory.instance.objectNode();
    ObjectNode labels = patch.putObject("metadata").putObject("labels");
    change.forEach(labels::put);
    Reply r = api.merge(ApiPath.node(name), patch);
    if (r instanceof Reply.Done d) {
      cluster.nodes.wrote(NodeTrim.of(api.read(d.object(), Node.class)));
    }
    return done(r, "labels");
  }

  /**
   * The cache only says that there may be something to do; the decision is made on live objects.
   */
  private boolean fence() {
    if (Fencing.decide(HostReader.of(name, host, cluster.nodes.get(null, name))) == null) {
      return true;
    }
    // In this order: the other way round, a taint of an earlier boot could count for the present
    // one.
    Reply liveHost = api.get(path());
    Reply liveNode = api.get(ApiPath.node(name));
    if (!(liveHost instanceof Reply.Done h) || !(liveNode instanceof Reply.Done n)) {
      return liveHost instanceof Reply.NotFound || liveNode instanceof Reply.NotFound;
    }
    HostFacts facts =
        HostReader.of(name, api.read(h.object(), VmHost.class), api.read(n.object(), Node.class));
    return switch (Fencing.decide(facts)) {
      case null -> true;
      case FencingAction.WriteFenced w -> {
        LOG.warn(
            "node {}: boots up to {} are over, by the taint {}",
            name,
            w.fencedThrough(),
            HostReader.OUT_OF_SERVICE);
        done(api.replace(path() + "/status", status(h.object(), w)), "fencedThrough");
        yield false; // a taint may have to follow
      }
      case FencingAction.SetTaint _ -> done(taints(n.object(), true), "taint");
      case FencingAction.RemoveTaint _ -> done(taints(n.object(), false), "taint");
    };
  }

  private static JsonNode status(JsonNode live, FencingAction.WriteFenced w) {
    ObjectNode tree = live.deepCopy();
    ObjectNode status = tree.get("status") instanceof ObjectNode s ? s : tree.putObject("status");
    status.put("fencedThrough", w.fencedThrough());
    status.put("taintSeen", w.taintSeen());
    status.put("taintedAtBoot", w.taintedAtBoot());
    return tree;
  }

  private Reply taints(JsonNode node, boolean add) {
    ObjectNode patch = JsonNodeFactory.instance.objectNode();
    patch
        .putObject("metadata")
        .put("resourceVersion", node.path("metadata").path("resourceVersion").asText());
    ArrayNode taints = patch.putObject("spec").putArray("taints");
    for (JsonNode t : node.path("spec").path("taints")) {
      boolean ours =
          t.path("key").asText().equals(HostReader.OUT_OF_SERVICE)
              && t.path("value").asText().equals(Fencing.OUR_TAINT);
      if (!ours) {
        taints.add(t);
      }
    }
    if (add) {
      taints
          .addObject()
          .put("key", HostReader.OUT_OF_SERVICE)
          .put("value", Fencing.OUR_TAINT)
          .put("effect", "NoExecute");
    }
    return api.merge(ApiPath.node(name), patch);
  }

  private boolean done(Reply r, String what) {
    if (r instanceof Reply.Done || r instanceof Reply.NotFound) {
      return true;
    }
    LOG.info("node {}: {}: {}", name, what, r);
    return false;
  }

  private String path() {
    return ApiPath.of(ResourceKind.VmHost, name);
  }
}
