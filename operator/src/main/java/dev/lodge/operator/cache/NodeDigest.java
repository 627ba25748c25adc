package dev.lodge.operator.cache;

import io.fabric8.kubernetes.api.model.Node;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What of a Node matters: a change elsewhere wakes nobody. */
record NodeDigest(Map<String, String> labels, List<String> taints, String ready) {

  static NodeDigest of(Node node) {
    Map<String, String> labels =
        node.getMetadata().getLabels() == null ? Map.of() : node.getMetadata().getLabels();
    List<String> taints =
        node.getSpec() == null || node.getSpec().getTaints() == null
            ? List.of()
            : node.getSpec().getTaints().stream()
                .map(t -> t.getKey() + "=" + t.getValue() + ":" + t.getEffect())
                .toList();
    String ready =
        node.getStatus() == null
            ? ""
            : node.getStatus().getConditions().stream()
                .filter(c -> c.getType().equals("Ready"))
                .map(c -> c.getStatus())
                .findFirst()
                .orElse("");
    return new NodeDigest(new TreeMap<>(labels), taints, ready);
  }
}
