package dev.lodge.domain.ownership;

import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineStatus;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineStatus.ClaimedBy;
import org.jspecify.annotations.Nullable;

/**
 * The members of a VM's status that say who may run it.
 *
 * @param nodeName the owner; null before the first one
 * @param epoch rises by one with every owner and every claim after a release
 * @param claimedBy null: the owner has not claimed yet
 * @param claimBootGeneration the owner's boot in which it claimed
 * @param claimNonce the claiming process, which tells its own lost write from another's
 * @param released the owner's QEMU is gone for good in this epoch
 */
public record OwnershipRecord(
    @Nullable String nodeName,
    long epoch,
    @Nullable ClaimedBy claimedBy,
    long claimBootGeneration,
    @Nullable String claimNonce,
    boolean released) {

  /** Nobody has owned the VM yet. */
  public static final OwnershipRecord NONE = new OwnershipRecord(null, 0, null, 0, null, false);

  /** Reads the record out of a status. */
  public static OwnershipRecord of(VirtualMachineStatus s) {
    return new OwnershipRecord(
        s.nodeName(),
        s.epoch() == null ? 0 : s.epoch(),
        s.claimedBy(),
        s.claimBootGeneration() == null ? 0 : s.claimBootGeneration(),
        s.claimNonce(),
        Boolean.TRUE.equals(s.released()));
  }

  /** Whether {@code node} holds an unreleased claim. */
  public boolean heldBy(String node) {
    return claimedBy != null && !released && node.equals(nodeName);
  }

  /** The record after a claim by {@code host} at {@code atEpoch}. */
  public OwnershipRecord claimed(Host host, long atEpoch) {
    return new OwnershipRecord(
        host.nodeName(), atEpoch, ClaimedBy.Start, host.bootGeneration(), host.nonce(), false);
  }

  /** The record after its owner let go. */
  public OwnershipRecord released(boolean now) {
    return new OwnershipRecord(nodeName, epoch, claimedBy, claimBootGeneration, claimNonce, now);
  }
}
