package dev.lodge.operator.slot;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lodge.api.v1alpha1.virtualmachine.Placement;
import io.fabric8.kubernetes.api.model.Affinity;
import io.fabric8.kubernetes.api.model.NodeAffinity;
import io.fabric8.kubernetes.api.model.NodeSelector;
import io.fabric8.kubernetes.api.model.NodeSelectorRequirement;
import io.fabric8.kubernetes.api.model.NodeSelectorTerm;
import io.fabric8.kubernetes.api.model.NodeSelectorTermBuilder;
import io.fabric8.kubernetes.api.model.Toleration;
import io.fabric8.kubernetes.api.model.TolerationBuilder;
import io.fabric8.kubernetes.api.model.TopologySpreadConstraint;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A VM's placement in the words of a pod. They are the same words, so that the JSON of one is that
 * of the other.
 */
final class SlotPlacement {
  /** Only to carry records over to the client's classes. */
  private static final ObjectMapper MAPPER = new ObjectMapper();

  private static final List<String> LOST_NODE =
      List.of("node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable");

  private SlotPlacement() {}

  /**
   * A VM is never evicted because its node is silent: that proves nothing. What the user tolerates
   * comes on top.
   */
  static List<Toleration> tolerations(@Nullable Placement placement) {
    var all = new ArrayList<Toleration>();
    for (String key : LOST_NODE) {
      all.add(
          new TolerationBuilder()
              .withKey(key)
              .withOperator("Exists")
              .withEffect("NoExecute")
              .build());
    }
    for (Placement.Toleration t :
        placement == null || placement.tolerations() == null
            ? List.<Placement.Toleration>of()
            : placement.tolerations()) {
      all.add(MAPPER.convertValue(t, Toleration.class));
    }
    return all;
  }

  static List<TopologySpreadConstraint> spread(@Nullable Placement placement) {
    return placement == null || placement.topologySpreadConstraints() == null
        ? List.of()
        : placement.topologySpreadConstraints().stream()
            .map(c -> MAPPER.convertValue(c, TopologySpreadConstraint.class))
            .toList();
  }

  /**
   * @param pinnedTo the only node allowed; null: any
   * @param avoids nodes that are not allowed
   */
  static @Nullable Affinity affinity(
      @Nullable Placement placement, @Nullable String pinnedTo, List<String> avoids) {
    Affinity affinity =
        placement == null || placement.affinity() == null
            ? new Affinity()
            : MAPPER.convertValue(placement.affinity(), Affinity.class);
    var names = new ArrayList<NodeSelectorRequirement>();
    if (pinnedTo != null) {
      names.add(new NodeSelectorRequirement("metadata.name", "In", List.of(pinnedTo)));
    }
    for (String node : avoids) {
      // A field knows one value only.
      names.add(new NodeSelectorRequirement("metadata.name", "NotIn", List.of(node)));
    }
    if (!names.isEmpty()) {
      require(affinity, names);
    }
    return placement == null && names.isEmpty() ? null : affinity;
  }

  /** Terms are alternatives, so that each must have the requirement. */
  private static void require(Affinity affinity, List<NodeSelectorRequirement> names) {
    if (affinity.getNodeAffinity() == null) {
      affinity.setNodeAffinity(new NodeAffinity());
    }
    NodeSelector before =
        affinity.getNodeAffinity().getRequiredDuringSchedulingIgnoredDuringExecution();
    List<NodeSelectorTerm> terms =
        before == null || before.getNodeSelectorTerms().isEmpty()
            ? List.of(new NodeSelectorTerm())
            : before.getNodeSelectorTerms();
    affinity
        .getNodeAffinity()
        .setRequiredDuringSchedulingIgnoredDuringExecution(
            new NodeSelector(
                terms.stream()
                    .map(t -> new NodeSelectorTermBuilder(t).addAllToMatchFields(names).build())
                    .toList()));
  }
}
