package dev.lodge.agent.storage;

import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineConditions.Reason;
import dev.lodge.domain.plan.PlanRequest;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Whether a VM's files are ready. */
public sealed interface Preparation {

  /**
   * All there. Paths are absolute and what QEMU may open.
   *
   * @param disks by name, in the spec's order; an empty CD-ROM drive has no entry
   */
  record Prepared(
      Map<String, ResolvedDisk> disks,
      @Nullable String cloudInitSeed,
      @Nullable String kernel,
      @Nullable String initrd,
      @Nullable String loader)
      implements Preparation {

    /** The planner's view of the disks. */
    public Map<String, PlanRequest.DiskSource> planned() {
      Map<String, PlanRequest.DiskSource> planned = new LinkedHashMap<>();
      disks.forEach((name, disk) -> planned.put(name, disk.planned()));
      return planned;
    }
  }

  /**
   * Images are being brought in, or disks copied; whoever waits is woken by the listeners.
   *
   * @param images UIDs of the images
   * @param message for people, with the progress
   * @param volumes the VM's volumes are among what is awaited
   */
  record Waiting(List<String> images, String message, boolean volumes) implements Preparation {}

  /**
   * It cannot be.
   *
   * @param field e.g. {@code disks[root].source}
   * @param message without the field, with the mend
   * @param image UID of the image that failed; it is tried again by itself where that may help
   */
  record Failed(Reason reason, String field, String message, @Nullable String image)
      implements Preparation {
    /** Field and message, for people. */
    public String text() {
      return field + ": " + message;
    }
  }
}
