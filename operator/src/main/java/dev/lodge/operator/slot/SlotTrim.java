package dev.lodge.operator.slot;

import dev.lodge.operator.cache.Trimmed;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.PodStatus;
import io.fabric8.kubernetes.api.model.Volume;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What is kept of a slot pod: what {@link SlotView} reads. */
public final class SlotTrim {
  private static final Volume SOME = new Volume();

  private SlotTrim() {}

  /** A smaller pod. */
  public static Pod of(Pod pod) {
    Pod small = Trimmed.metadata(pod);
    boolean volumes = pod.getSpec().getVolumes() != null && !pod.getSpec().getVolumes().isEmpty();
    var spec = new PodSpec();
    spec.setNodeName(pod.getSpec().getNodeName());
    spec.setVolumes(volumes ? List.of(SOME) : List.of());
    small.setSpec(spec);
    PodStatus full = pod.getStatus();
    if (full != null) {
      var status = new PodStatus();
      status.setPhase(full.getPhase());
      status.setMessage(full.getMessage());
      status.setConditions(
          full.getConditions().stream().filter(c -> c.getType().equals("PodScheduled")).toList());
      status.setContainerStatuses(full.getContainerStatuses());
      small.setStatus(status);
    }
    var labels = new TreeMap<String, String>();
    Map<String, String> all = pod.getMetadata().getLabels();
    for (String key : List.of(SlotNames.VM, SlotNames.VM_UID, SlotNames.ON_DRAIN)) {
      if (all != null && all.get(key) != null) {
        labels.put(key, all.get(key));
      }
    }
    small.getMetadata().setLabels(labels);
    return small;
  }
}
