package dev.lodge.domain.ownership;

import dev.lodge.api.common.Condition.Status;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineConditions.Reason;
import dev.lodge.domain.ownership.AssignmentDecision.Finding;
import dev.lodge.domain.ownership.DiskClaim.Holder;
import dev.lodge.domain.ownership.Rules.Rule;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The claims of a VM's disks (R11). Locks are taken in the order of their names, those that need
 * the node last, so that two VMs never wait for each other.
 *
 * <p>Invariant: an epoch is given out only if every lock is held from this epoch on; a hold is let
 * go only if its epoch, or a later one, is released. So what somebody else decided to let go on old
 * facts is never what this epoch rests on.
 */
final class DiskClaiming {
  private final Rules rules;
  private final AssignmentFacts facts;
  private final OwnershipRecord record;
  private final long nextEpoch;

  DiskClaiming(Rules rules, AssignmentFacts facts) {
    this.rules = rules;
    this.facts = facts;
    this.record = facts.record();
    this.nextEpoch = record.epoch() + 1;
  }

  /** How it stands with a lock. */
  sealed interface Standing {
    /** It is held from the next epoch on. */
    record Held() implements Standing {}

    /** This is to be done for it. */
    record ToDo(AssignmentAction action) implements Standing {}

    /** Another VM has it. */
    record Taken(Finding why) implements Standing {}

    /** It is held in a way that can be changed only after this epoch. */
    record AfterThisEpoch() implements Standing {}
  }

  /**
   * How it stands with the locks, up to the first that is not held yet.
   *
   * @param node where the VM is to run; null: not known, so only locks that do not need it
   */
  Standing standing(@Nullable String node) {
    if (!rules.has(Rule.R11_CLAIM_DISKS)) {
      return new Standing.Held();
    }
    List<DiskLock> inOrder =
        facts.locks().stream()
            .filter(l -> l.needsNode() == (node != null))
            .sorted(
                Comparator.comparing((DiskLock l) -> l.nameOn("")).thenComparing(DiskLock::disk))
            .toList();
    for (DiskLock lock : inOrder) {
      Standing s = standing(lock, lock.nameOn(node == null ? "" : node));
      if (!(s instanceof Standing.Held)) {
        return s;
      }
    }
    return new Standing.Held();
  }

  private Standing standing(DiskLock lock, String name) {
    DiskClaim claim = facts.claim(name);
    var holder = new Holder(facts.vm(), facts.uid(), lock.disk(), nextEpoch);
    if (claim == null) {
      return new Standing.ToDo(
          new AssignmentAction.CreateClaim(
              new DiskClaim(name, "", lock.shared(), List.of(holder))));
    }
    Holder mine = claim.of(facts.uid());
    if (mine != null && claim.shared() == lock.shared()) {
      return mine.epoch() >= nextEpoch || !rules.has(Rule.R11_CLAIM_EPOCH)
          ? new Standing.Held()
          : new Standing.ToDo(new AssignmentAction.UpdateClaim(claim, claim.with(holder)));
    }
    if (mine != null) {
      // Held the other way: let go first, as far as it may be.
      AssignmentAction letGo = letGo(claim);
      return letGo == null ? new Standing.AfterThisEpoch() : new Standing.ToDo(letGo);
    }
    return claim.shared() && lock.shared()
        ? new Standing.ToDo(new AssignmentAction.UpdateClaim(claim, claim.with(holder)))
        : new Standing.Taken(taken(lock, claim));
  }

  private static Finding taken(DiskLock lock, DiskClaim claim) {
    Holder other = claim.holders().isEmpty() ? null : claim.holders().getFirst();
    return new Finding(
        Status.False,
        Reason.DiskInUse,
        "disk '"
            + lock.disk()
            + "' is held by VM "
            + (other == null ? "?" : other.vm() + " (its disk '" + other.disk() + "')")
            + "; stop that VM, or set access: Shared on both if the guests can share a disk. If that"
            + " VM is gone for good and its QEMU too: kubectl delete vmdiskclaim "
            + claim.name());
  }

  /** Nodes where another VM holds a disk of this one, in order, joined by a comma. */
  String avoids() {
    var nodes = new ArrayList<String>();
    for (HostFacts h : facts.hosts()) {
      for (DiskLock lock : facts.locks()) {
        DiskClaim claim = lock.needsNode() ? facts.claim(lock.nameOn(h.name())) : null;
        if (claim != null && claim.of(facts.uid()) == null && !(claim.shared() && lock.shared())) {
          nodes.add(h.name());
          break;
        }
      }
    }
    return String.join(",", nodes.stream().sorted().toList());
  }

  /** Whether something is held for an epoch that was not given out. */
  boolean early() {
    return facts.claims().stream()
        .map(c -> c.of(facts.uid()))
        .anyMatch(h -> h != null && h.epoch() > record.epoch());
  }

  /** What is held and may be let go; null: nothing, or nothing yet. */
  @Nullable AssignmentAction letGo() {
    for (DiskClaim claim : facts.claims()) {
      if (claim.of(facts.uid()) != null) {
        return letGo(claim);
      }
    }
    return null;
  }

  /** Whether this VM holds anything. */
  boolean holds() {
    return facts.claims().stream().anyMatch(c -> c.of(facts.uid()) != null);
  }

  private @Nullable AssignmentAction letGo(DiskClaim claim) {
    Holder mine = claim.of(facts.uid());
    boolean may =
        mine != null
            && (record.released() && record.epoch() >= mine.epoch()
                || !rules.has(Rule.R11_CLAIM_EPOCH));
    if (!may) {
      return null;
    }
    return claim.holders().size() == 1
        ? new AssignmentAction.DeleteClaim(claim)
        : new AssignmentAction.UpdateClaim(claim, claim.without(facts.uid()));
  }
}
