package dev.lodge.agent.storage;

import dev.lodge.agent.hostfile.FileId;
import dev.lodge.domain.machine.DevicePlan;
import dev.lodge.domain.plan.PlanRequest;
import org.jspecify.annotations.Nullable;

/**
 * What a disk of the spec is on this host.
 *
 * @param directIo whether O_DIRECT works
 * @param virtualSize what the guest sees, in bytes
 * @param imageDigest of the image that it was made of, or that it is
 * @param use how the guest opens it
 * @param nameable others can name it too: it is a host resource
 * @param id the file or device that QEMU will have open
 */
public record ResolvedDisk(
    String name,
    DevicePlan.Disk.Source source,
    boolean directIo,
    long virtualSize,
    @Nullable String imageDigest,
    Use use,
    boolean nameable,
    FileId id) {

  /** How a guest opens a disk. */
  public enum Use {
    /** Never changes while it is open. */
    READ,
    /** One VM writes. */
    WRITE,
    /** Several VMs write. */
    SHARED_WRITE
  }

  /** The planner's view. */
  public PlanRequest.DiskSource planned() {
    return new PlanRequest.DiskSource(source, directIo);
  }
}
