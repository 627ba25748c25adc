package dev.lodge.domain.ownership;

import dev.lodge.domain.machine.DomainNames;
import org.jspecify.annotations.Nullable;

/**
 * A lock that a VM needs for a disk that another VM could name (R11). Its name is the name of the
 * VmDiskClaim.
 *
 * @param disk name of the disk in the VM's spec
 * @param shared the VM said that guests share the disk; all holders must have said so
 * @param stem of the name, for a lock that depends on the node; null: {@code name} is all of it
 * @param name of the lock, or what follows the node in it
 */
public record DiskLock(String disk, boolean shared, @Nullable String stem, String name) {
  /** Names of objects are no longer. */
  private static final int LONGEST = 253;

  private static final int HASH = 16;

  /** The lock of a PersistentVolumeClaim: {@code pvc-<uid>}. */
  public static DiskLock ofClaim(String disk, boolean shared, String claimUid) {
    return new DiskLock(disk, shared, null, "pvc-" + claimUid);
  }

  /** The lock of a HostResource that every host sees: {@code hr-<resource>-<hash of path>}. */
  public static DiskLock ofShared(String disk, boolean shared, String resource, String path) {
    return new DiskLock(
        disk, shared, null, cut("hr-" + resource, LONGEST - HASH - 1) + "-" + hash(path));
  }

  /** The lock of a HostResource that each host has its own of: its name needs the node. */
  public static DiskLock ofNode(String disk, boolean shared, String resource, String path) {
    return new DiskLock(disk, shared, "hr-" + resource, hash(path));
  }

  /** Whether the lock can be taken only once the node is known. */
  public boolean needsNode() {
    return stem != null;
  }

  /** The lock's name for a VM on {@code node}. */
  public String nameOn(String node) {
    return stem == null ? name : cut(stem + "-" + node, LONGEST - HASH - 1) + "-" + name;
  }

  private static String hash(String path) {
    return DomainNames.hash(path, HASH);
  }

  private static String cut(String text, int longest) {
    return text.length() <= longest
        ? text
        : text.substring(0, longest - HASH - 1) + "-" + DomainNames.hash(text, HASH);
  }
}
