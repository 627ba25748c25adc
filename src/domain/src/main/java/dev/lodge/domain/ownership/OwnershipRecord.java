package dev.lodge.domain.ownership;

import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineStatus;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineStatus.ClaimedBy;
import org.jspecify.annotations.Nullable;

/**
 * The members of a VM's status that say who may run it. Every change is a compare-and-swap of the
 * whole object.
 *
 * @param nodeName the owner; null before the first one
 * @param epoch rises by one with every owner and every claim after a release
 * @param claimedBy null: the owner has not claimed yet
 * @param claimBootGeneration the owner's boot in which it claimed
 * @param claimNonce the claiming process, which tells its own lost write from another's
 * @param released the owner's QEMU is gone for good in this epoch
 * @param migration a live migration under way, for this epoch; null: none
 * @param claimedDisks the disks that are locked for this epoch ({@link ClaimedDisks#fingerprint});
 *     null: nothing was locked by name, as alone
 */
public record OwnershipRecord(
    @Nullable String nodeName,
    long epoch,
    @Nullable ClaimedBy claimedBy,
    long claimBootGeneration,
    @Nullable String claimNonce,
    boolean released,
    @Nullable Migration migration,
    @Nullable String claimedDisks) {

  /** Nobody has owned the VM yet. */
  public static final OwnershipRecord NONE =
      new OwnershipRecord(null, 0, null, 0, null, false, null, null);

  /**
   * Where the VM goes.
   *
   * @param accepted the target's agent is ready for it
   * @param targetBootGeneration the target's boot in which it accepted; 0: not yet
   */
  public record Migration(String targetNode, boolean accepted, long targetBootGeneration) {

    /** Asked for, not yet accepted. */
    public static Migration to(String targetNode) {
      return new Migration(targetNode, false, 0);
    }
  }

  /** Reads the record out of a status. */
  public static OwnershipRecord of(VirtualMachineStatus s) {
    VirtualMachineStatus.Migration m = s.migration();
    return new OwnershipRecord(
        s.nodeName(),
        s.epoch() == null ? 0 : s.epoch(),
        s.claimedBy(),
        s.claimBootGeneration() == null ? 0 : s.claimBootGeneration(),
        s.claimNonce(),
        Boolean.TRUE.equals(s.released()),
        m == null
            ? null
            : new Migration(
                m.targetNode(),
                Boolean.TRUE.equals(m.accepted()),
                m.targetBootGeneration() == null ? 0 : m.targetBootGeneration()),
        s.claimedDisks());
  }

  /** Whether {@code node} holds an unreleased claim. */
  public boolean heldBy(String node) {
    return held() && node.equals(nodeName);
  }

  /**
   * Whether somebody holds an unreleased claim; also one of a newer agent, by a way that this
   * program does not know and reads as null.
   */
  public boolean held() {
    return !released && (claimedBy != null || claimBootGeneration != 0);
  }

  /** Whether the VM migrates to {@code node}. */
  public boolean migratesTo(String node) {
    return migration != null && migration.targetNode().equals(node);
  }

  /** The record after a claim by {@code host} at {@code atEpoch}. */
  public OwnershipRecord claimed(Host host, long atEpoch) {
    return new OwnershipRecord(
        host.nodeName(),
        atEpoch,
        ClaimedBy.Start,
        host.bootGeneration(),
        host.nonce(),
        false,
        null,
        claimedDisks);
  }

  /** The record after its owner let go; a migration is over with it. */
  public OwnershipRecord released(boolean now) {
    return new OwnershipRecord(
        nodeName,
        epoch,
        claimedBy,
        claimBootGeneration,
        claimNonce,
        now,
        now ? null : migration,
        claimedDisks);
  }

  /** The record after the operator gave the next epoch to {@code node} (R1). */
  public OwnershipRecord assigned(String node, @Nullable String disks) {
    return new OwnershipRecord(node, epoch + 1, null, 0, null, false, null, disks);
  }

  /**
   * The record after the operator used up the next epoch for nobody: whatever was on its way for
   * the present one, or for the next, comes too late.
   */
  public OwnershipRecord closed() {
    return new OwnershipRecord(nodeName, epoch + 1, null, 0, null, true, null, null);
  }

  /** The record with another migration, or none. */
  public OwnershipRecord migrating(@Nullable Migration m) {
    return new OwnershipRecord(
        nodeName, epoch, claimedBy, claimBootGeneration, claimNonce, released, m, claimedDisks);
  }

  /**
   * The record after the source handed the running guest's memory over to the accepted target (R6).
   *
   * @throws IllegalStateException if no target has accepted
   */
  public OwnershipRecord handedOver(Host source) {
    if (migration == null || !migration.accepted()) {
      throw new IllegalStateException("no target has accepted: " + this);
    }
    return new OwnershipRecord(
        migration.targetNode(),
        epoch + 1,
        ClaimedBy.HandOver,
        migration.targetBootGeneration(),
        source.nonce(),
        false,
        null,
        claimedDisks);
  }
}
