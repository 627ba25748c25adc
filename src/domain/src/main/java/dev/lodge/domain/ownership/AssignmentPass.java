package dev.lodge.domain.ownership;

import dev.lodge.api.common.Condition.Status;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineConditions.Reason;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineSpec.OnNodeLoss;
import dev.lodge.domain.ownership.AssignmentDecision.Finding;
import dev.lodge.domain.ownership.Rules.Rule;
import org.jspecify.annotations.Nullable;

/** One decision; the claims of disks are {@link DiskClaiming}'s. */
final class AssignmentPass {
  private final Rules rules;
  private final AssignmentFacts facts;
  private final OwnershipRecord record;
  private final long nextEpoch;
  private final DiskClaiming disks;

  AssignmentPass(Rules rules, AssignmentFacts facts) {
    this.rules = rules;
    this.facts = facts;
    this.record = facts.record();
    this.nextEpoch = record.epoch() + 1;
    this.disks = new DiskClaiming(rules, facts);
  }

  AssignmentDecision decide() {
    return facts.wish() == AssignmentFacts.Wish.RUN ? run() : end();
  }

  // ---- it shall run

  private AssignmentDecision run() {
    if (record.held()) {
      if (!provenOver()) {
        return held();
      }
      return staysWithNode() ? waitForNode() : acquire();
    }
    if (record.claimedBy() == null && !record.released() && record.nodeName() != null) {
      return unclaimed();
    }
    return acquire();
  }

  /** The node has it; what is left is its slot. */
  private AssignmentDecision held() {
    Slot slot = slotOf(record.epoch());
    boolean elsewhere =
        slot != null && slot.node() != null && !slot.node().equals(record.nodeName());
    if (slot != null && (slot.state() == Slot.State.ENDED || elsewhere)) {
      return lost(new AssignmentAction.DeleteSlot(slot, true));
    }
    if (slot == null) {
      Slot surplus = surplus(record.epoch());
      if (surplus != null) {
        return lost(new AssignmentAction.DeleteSlot(surplus, false));
      }
      return lost(new AssignmentAction.CreateSlot(record.epoch(), record.nodeName(), ""));
    }
    if (slot.leaving()) {
      AssignmentAction tell =
          facts.leavingTold() ? null : new AssignmentAction.TellLeaving(record, slot);
      return decision(
          tell,
          Status.True,
          Reason.Draining,
          "leaves node " + record.nodeName() + ": its slot pod is being deleted");
    }
    Slot surplus = surplus(record.epoch());
    if (surplus != null) {
      return bound(new AssignmentAction.DeleteSlot(surplus, false));
    }
    if (slot.node() == null) {
      return lost(null);
    }
    HostFacts host = facts.host(record.nodeName());
    return host != null && host.ready() ? bound(null) : unproven();
  }

  private AssignmentDecision lost(@Nullable AssignmentAction action) {
    if (!rules.has(Rule.R10_LOST_SLOT_STAYS)) {
      return acquire();
    }
    String node = String.valueOf(record.nodeName());
    return new AssignmentDecision(
        action,
        new Finding(Status.True, Reason.Bound, "on node " + node),
        new Finding(
            Status.True,
            Reason.SlotEnded,
            "the slot pod ended while the guest runs on node "
                + node
                + "; a new one is made there. Until it is bound the scheduler does not count the VM"),
        failover());
  }

  private AssignmentDecision bound(@Nullable AssignmentAction action) {
    return decision(action, Status.True, Reason.Bound, "on node " + record.nodeName());
  }

  private AssignmentDecision unproven() {
    String node = String.valueOf(record.nodeName());
    return decision(
        null,
        Status.True,
        Reason.NodeUnknown,
        "node "
            + node
            + " is not ready and not proven dead: the guest may still run there, so it is started"
            + " nowhere else. If the machine is off for certain, say so: kubectl taint node "
            + node
            + " node.kubernetes.io/out-of-service=nodeshutdown:NoExecute");
  }

  private AssignmentDecision waitForNode() {
    String why =
        facts.localDisk() != null
            ? "its disk '" + facts.localDisk() + "' is there"
            : "onNodeLoss is Stay";
    return decision(
        null,
        Status.True,
        Reason.NodeUnknown,
        "node " + record.nodeName() + " was lost; the VM waits for it, because " + why);
  }

  /** The operator gave it to a node that has not claimed it yet. */
  private AssignmentDecision unclaimed() {
    Slot slot = slotOf(record.epoch());
    HostFacts host = facts.host(record.nodeName());
    boolean good =
        slot != null
            && slot.alive()
            && record.nodeName() != null
            && record.nodeName().equals(slot.node())
            && host != null
            && !host.fenced()
            && (facts.obstacle() != null || facts.disks().equals(record.claimedDisks()));
    if (!good) {
      // What was locked, or where, no longer fits: nobody is to claim this epoch any more.
      return close(Reason.Unschedulable, "is given out anew");
    }
    boolean ready = host != null && host.ready();
    return decision(
        null,
        Status.True,
        ready ? Reason.Bound : Reason.AgentUnavailable,
        ready
            ? "on node " + record.nodeName()
            : "on node "
                + record.nodeName()
                + ", which is not ready and has not taken the VM yet; delete the slot pod to"
                + " have it placed anew");
  }

  // ---- taking the next epoch

  private AssignmentDecision acquire() {
    if (facts.obstacle() != null) {
      return decision(null, Status.False, Reason.NotFound, facts.obstacle());
    }
    AssignmentDecision unclaimed = unlessHeld(disks.standing(null));
    if (unclaimed != null) {
      return unclaimed;
    }
    Slot surplus = surplus(nextEpoch);
    if (surplus != null) {
      return scheduling(
          new AssignmentAction.DeleteSlot(surplus, surplus.epoch() != record.epoch()));
    }
    Slot slot = slotOf(nextEpoch);
    String pinned = facts.localDisk() != null ? record.nodeName() : null;
    String avoids = disks.avoids();
    if (slot == null) {
      return scheduling(new AssignmentAction.CreateSlot(nextEpoch, pinned, avoids));
    }
    if (slot.leaving()) {
      // Its process may hold on for minutes; the next epoch has another slot.
      return close(Reason.Unschedulable, "is placed anew: its slot pod is being deleted");
    }
    if (slot.state() == Slot.State.ENDED) {
      return scheduling(new AssignmentAction.DeleteSlot(slot, true));
    }
    String node = slot.node();
    if (node == null) {
      if (!slot.avoids().equals(avoids)) {
        return scheduling(new AssignmentAction.DeleteSlot(slot, true));
      }
      return decision(
          null,
          Status.False,
          Reason.Unschedulable,
          (slot.said() == null ? "waits for the scheduler" : slot.said())
              + (avoids.isEmpty()
                  ? ""
                  : "; avoids " + avoids + ", where another VM holds a disk of this one"));
    }
    DiskClaiming.Standing here = disks.standing(node);
    if (here instanceof DiskClaiming.Standing.Taken t) {
      // The next slot avoids this node.
      return new AssignmentDecision(
          new AssignmentAction.DeleteSlot(slot, true), t.why(), null, failover());
    }
    unclaimed = unlessHeld(here);
    if (unclaimed != null) {
      return unclaimed;
    }
    HostFacts host = facts.host(node);
    if (host == null || host.bootGeneration() == 0) {
      return decision(
          null,
          Status.False,
          Reason.AgentUnavailable,
          "node " + node + " runs no Lodge agent; see that the node-agent's pod runs there");
    }
    if (host.fenced()) {
      return decision(
          null,
          Status.False,
          Reason.AgentUnavailable,
          "node "
              + node
              + " was fenced and has not come back yet; delete the slot pod to have the"
              + " VM placed anew");
    }
    return decision(
        new AssignmentAction.SetOwner(record, record.assigned(node, facts.disks()), slot),
        Status.True,
        Reason.Bound,
        "on node " + node);
  }

  /** Null: all is held from the next epoch on. */
  private @Nullable AssignmentDecision unlessHeld(DiskClaiming.Standing standing) {
    return switch (standing) {
      case DiskClaiming.Standing.Held _ -> null;
      case DiskClaiming.Standing.ToDo t -> scheduling(t.action());
      case DiskClaiming.Standing.Taken t -> new AssignmentDecision(null, t.why(), null, failover());
      case DiskClaiming.Standing.AfterThisEpoch _ ->
          close(Reason.DiskInUse, "changes how it holds disks");
    };
  }

  // ---- it shall not run, or no longer exist

  private AssignmentDecision end() {
    if (record.held() && !provenOver()) {
      HostFacts host = facts.host(record.nodeName());
      return host != null && host.ready() ? bound(null) : unproven();
    }
    boolean open = !record.released() && record.nodeName() != null;
    if (open || disks.early()) {
      return close(Reason.PoweredOff, "is not to run");
    }
    for (Slot slot : facts.slots()) {
      if (!slot.leaving()) {
        return off(
            new AssignmentAction.DeleteSlot(
                slot, slot.state() == Slot.State.ENDED || slot.epoch() != record.epoch()));
      }
    }
    if (disks.holds()) {
      return off(disks.letGo());
    }
    return off(facts.wish() == AssignmentFacts.Wish.DELETE ? new AssignmentAction.Finish() : null);
  }

  private AssignmentDecision off(@Nullable AssignmentAction action) {
    return new AssignmentDecision(
        action,
        new Finding(Status.False, Reason.PoweredOff, "not placed: it is not to run"),
        null,
        null);
  }

  private AssignmentDecision close(Reason reason, String why) {
    return decision(
        new AssignmentAction.Close(record, record.closed()),
        Status.False,
        reason,
        "epoch " + record.epoch() + " is over: the VM " + why);
  }

  private AssignmentDecision scheduling(@Nullable AssignmentAction action) {
    return decision(action, Status.False, Reason.Unschedulable, "waits for the scheduler");
  }

  // ---- common

  private boolean provenOver() {
    if (!rules.has(Rule.R1_REASSIGN_ON_PROOF)) {
      return true;
    }
    HostFacts host = facts.host(record.nodeName());
    if (host == null) {
      return false;
    }
    if (!rules.has(Rule.R3_PROOF_NAMES_BOOT)) {
      return host.fencedThrough() > 0;
    }
    return host.provesOver(record.claimBootGeneration());
  }

  private boolean staysWithNode() {
    return record.nodeName() != null
        && (facts.localDisk() != null || facts.onNodeLoss() == OnNodeLoss.Stay);
  }

  private @Nullable Slot slotOf(long epoch) {
    for (Slot s : facts.slots()) {
      if (s.epoch() == epoch) {
        return s;
      }
    }
    return null;
  }

  /** A slot of another epoch than {@code epoch} that nobody has deleted yet. */
  private @Nullable Slot surplus(long epoch) {
    for (Slot s : facts.slots()) {
      if (s.epoch() != epoch && !s.leaving()) {
        return s;
      }
    }
    return null;
  }

  private AssignmentDecision decision(
      @Nullable AssignmentAction action, Status status, Reason reason, String message) {
    return new AssignmentDecision(action, new Finding(status, reason, message), null, failover());
  }

  /** Said before the node is lost. */
  private @Nullable Finding failover() {
    String node = record.nodeName();
    if (node == null || record.released()) {
      return null;
    }
    if (facts.localDisk() != null) {
      return new Finding(
          Status.False,
          Reason.NodeLocalDisk,
          "if node "
              + node
              + " is lost, the VM waits for it: its disk '"
              + facts.localDisk()
              + "' is there; put it on a PersistentVolumeClaim or a resource of scope Shared");
    }
    if (facts.onNodeLoss() == OnNodeLoss.Stay) {
      return new Finding(
          Status.False,
          Reason.StayAsked,
          "if node " + node + " is lost, the VM waits for it: onNodeLoss is Stay");
    }
    return new Finding(
        Status.True,
        Reason.OnProof,
        "if node "
            + node
            + " is lost, the VM starts elsewhere once it is proven off: by the taint"
            + " node.kubernetes.io/out-of-service, or when it has booted again");
  }
}
