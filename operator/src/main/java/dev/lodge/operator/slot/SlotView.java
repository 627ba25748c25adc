package dev.lodge.operator.slot;

import dev.lodge.domain.ownership.Slot;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodCondition;
import io.fabric8.kubernetes.api.model.PodStatus;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A slot pod as it is.
 *
 * @param slot what decides on it
 * @param hasVolumes the kubelet brings something for it
 * @param mounted the container runs, so that everything is mounted
 * @param onDrain the label
 * @param graceSeconds that its deletion gives it; 0 if it is not being deleted
 */
public record SlotView(
    Slot slot, boolean hasVolumes, boolean mounted, String onDrain, long graceSeconds) {

  /** Reads a pod. */
  public static SlotView of(Pod pod) {
    PodStatus status = pod.getStatus();
    String node = pod.getSpec().getNodeName();
    boolean bound = node != null && !node.isEmpty();
    Map<String, String> annotations =
        pod.getMetadata().getAnnotations() == null ? Map.of() : pod.getMetadata().getAnnotations();
    Map<String, String> labels =
        pod.getMetadata().getLabels() == null ? Map.of() : pod.getMetadata().getLabels();
    return new SlotView(
        new Slot(
            pod.getMetadata().getName(),
            pod.getMetadata().getUid(),
            SlotNames.epoch(pod.getMetadata().getName()),
            bound ? node : null,
            state(status, bound),
            pod.getMetadata().getDeletionTimestamp() != null,
            said(status),
            annotations.getOrDefault(SlotNames.AVOIDS, "")),
        pod.getSpec().getVolumes() != null && !pod.getSpec().getVolumes().isEmpty(),
        mounted(status),
        labels.getOrDefault(SlotNames.ON_DRAIN, ""),
        pod.getMetadata().getDeletionGracePeriodSeconds() == null
            ? 0
            : pod.getMetadata().getDeletionGracePeriodSeconds());
  }

  /**
   * Whether the pod is as good as gone: deleted by force, without the grace in which a VM leaves.
   * Its VM is not asked to leave; it gets another slot.
   */
  public static boolean vanishing(Pod pod) {
    Long grace = pod.getMetadata().getDeletionGracePeriodSeconds();
    return pod.getMetadata().getDeletionTimestamp() != null && grace != null && grace == 0;
  }

  /** Whether the guest's disks are there, as far as the kubelet brings them. */
  public boolean volumesReady() {
    return !hasVolumes || mounted;
  }

  private static Slot.State state(@Nullable PodStatus status, boolean bound) {
    String phase = status == null ? null : status.getPhase();
    if ("Failed".equals(phase) || "Succeeded".equals(phase)) {
      return Slot.State.ENDED;
    }
    return bound ? Slot.State.BOUND : Slot.State.PENDING;
  }

  private static boolean mounted(@Nullable PodStatus status) {
    if (status == null || status.getContainerStatuses() == null) {
      return false;
    }
    for (ContainerStatus c : status.getContainerStatuses()) {
      if (c.getState() == null || c.getState().getRunning() == null) {
        return false;
      }
    }
    return !status.getContainerStatuses().isEmpty();
  }

  /** The scheduler's words, or the kubelet's where it cannot start the container. */
  private static @Nullable String said(@Nullable PodStatus status) {
    if (status == null) {
      return null;
    }
    for (PodCondition c :
        status.getConditions() == null ? List.<PodCondition>of() : status.getConditions()) {
      if ("PodScheduled".equals(c.getType()) && "False".equals(c.getStatus())) {
        return c.getMessage();
      }
    }
    for (ContainerStatus c :
        status.getContainerStatuses() == null
            ? List.<ContainerStatus>of()
            : status.getContainerStatuses()) {
      if (c.getState() != null
          && c.getState().getWaiting() != null
          && c.getState().getWaiting().getMessage() != null) {
        return c.getState().getWaiting().getMessage();
      }
    }
    return status.getMessage();
  }
}
