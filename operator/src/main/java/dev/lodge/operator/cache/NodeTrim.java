package dev.lodge.operator.cache;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeSpec;
import io.fabric8.kubernetes.api.model.NodeStatus;

/**
 * What is kept of a Node: labels, taints and whether it is ready. Its images are the most of it.
 */
public final class NodeTrim {
  private NodeTrim() {}

  /** A smaller Node. */
  public static Node of(Node node) {
    Node small = Trimmed.metadata(node);
    var spec = new NodeSpec();
    if (node.getSpec() != null) {
      spec.setTaints(node.getSpec().getTaints());
    }
    small.setSpec(spec);
    var status = new NodeStatus();
    if (node.getStatus() != null) {
      status.setConditions(
          node.getStatus().getConditions().stream()
              .filter(c -> c.getType().equals("Ready"))
              .toList());
    }
    small.setStatus(status);
    return small;
  }
}
