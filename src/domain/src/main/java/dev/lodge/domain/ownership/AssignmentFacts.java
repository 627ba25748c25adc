package dev.lodge.domain.ownership;

import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineSpec.OnNodeLoss;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * All that the operator knows of a VM when it decides. Facts may be old: each action expects what
 * was read, so that one decided on old facts fails.
 *
 * @param vm for people: namespace/name
 * @param uid of the VM
 * @param record as in the object that the decision will be swapped into
 * @param onNodeLoss what the user wishes for a lost node
 * @param localDisk name of a disk that lies on the node itself and binds the VM to it; null: none
 * @param obstacle why the disks' locks cannot be told (something that the spec names is missing);
 *     null: {@code locks} has them all
 * @param disks fingerprint of the disks that {@code locks} are for
 * @param locks that the VM needs, as its spec is now
 * @param claims those with the names of {@code locks} (for a lock that needs the node: on every
 *     node), and all others of which this VM is a holder
 * @param slots all slot pods of this VM with the role Run
 * @param leavingTold the status tells the agent already that the VM shall leave its node
 * @param hosts all nodes
 */
public record AssignmentFacts(
    String vm,
    String uid,
    OwnershipRecord record,
    Wish wish,
    OnNodeLoss onNodeLoss,
    @Nullable String localDisk,
    @Nullable String obstacle,
    String disks,
    List<DiskLock> locks,
    List<DiskClaim> claims,
    List<Slot> slots,
    boolean leavingTold,
    List<HostFacts> hosts) {

  /** What the user wants. */
  public enum Wish {
    /** It shall run. */
    RUN,
    /** powerState PoweredOff; or the guest ended by itself, and restartPolicy keeps it so. */
    STOP,
    /** The object is being deleted. */
    DELETE
  }

  public AssignmentFacts {
    locks = List.copyOf(locks);
    claims = List.copyOf(claims);
    slots = List.copyOf(slots);
    hosts = List.copyOf(hosts);
  }

  @Nullable HostFacts host(@Nullable String name) {
    for (HostFacts h : hosts) {
      if (h.name().equals(name)) {
        return h;
      }
    }
    return null;
  }

  @Nullable DiskClaim claim(String name) {
    for (DiskClaim c : claims) {
      if (c.name().equals(name)) {
        return c;
      }
    }
    return null;
  }
}
