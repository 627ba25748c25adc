package dev.lodge.domain.ownership;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A VmDiskClaim: who may write a disk. Its name is the lock.
 *
 * @param version resourceVersion as read, which a change or a deletion expects; empty: of a claim
 *     that is to be made
 * @param holders one, or several if all said that guests share the disk
 */
public record DiskClaim(String name, String version, boolean shared, List<Holder> holders) {

  /**
   * A VM's disk.
   *
   * @param vm for people: namespace/name
   * @param uid of the VM
   * @param epoch the VM's epoch from which on it holds the disk: it may be let go once this epoch,
   *     or a later one, is released
   */
  public record Holder(String vm, String uid, String disk, long epoch) {}

  public DiskClaim {
    holders = List.copyOf(holders);
  }

  /** The place of this VM among the holders; null: none. */
  public @Nullable Holder of(String uid) {
    for (Holder h : holders) {
      if (h.uid().equals(uid)) {
        return h;
      }
    }
    return null;
  }

  /** The claim with {@code holder} in it, in place of an earlier hold of the same VM. */
  public DiskClaim with(Holder holder) {
    var all = new ArrayList<>(without(holder.uid()).holders());
    all.add(holder);
    return new DiskClaim(name, version, shared, all);
  }

  /** The claim without this VM. */
  public DiskClaim without(String uid) {
    return new DiskClaim(
        name, version, shared, holders.stream().filter(h -> !h.uid().equals(uid)).toList());
  }
}
