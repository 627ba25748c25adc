package dev.lodge.domain.ownership;

import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineStatus.ClaimedBy;
import dev.lodge.domain.ownership.NodeEntry.Hold;
import dev.lodge.domain.ownership.Ownership.State;
import dev.lodge.domain.ownership.Ownership.Wish;
import dev.lodge.domain.ownership.OwnershipRecord.Migration;
import dev.lodge.domain.ownership.Rules.Rule;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What an agent that has nothing under way does next; the second half of {@link Ownership#step}.
 */
final class OwnershipPass {
  private final Rules rules;
  private final State state;
  private final Host host;
  private final OwnershipRecord record;
  private final NodeEntry entry;

  private OwnershipPass(Rules rules, State state, OwnershipRecord record, NodeEntry entry) {
    this.rules = rules;
    this.state = state;
    this.host = state.host();
    this.record = record;
    this.entry = entry;
  }

  static @Nullable OwnershipAction next(Rules rules, State s) {
    NodeEntry entry = s.entry();
    if (entry == null) {
      return new OwnershipAction.ReadEntry();
    }
    if (s.domain() instanceof DomainView.Unknown) {
      return new OwnershipAction.Look();
    }
    OwnershipRecord record = s.record();
    if (record == null) {
      return new OwnershipAction.ReadRecord();
    }
    var pass = new OwnershipPass(rules, s, record, entry);
    return switch (s.domain()) {
      case DomainView.Unknown _ -> null;
      // Ours is certainly not there; a claim can be let go, but nothing started.
      case DomainView.Foreign _ -> s.wish() == Wish.STOP ? pass.whileAbsent() : null;
      case DomainView.Active a -> pass.whileActive(a);
      case DomainView.Landed l -> pass.whileLanded(l);
      case DomainView.Absent _ -> pass.whileAbsent();
    };
  }

  // ---- a guest runs

  private @Nullable OwnershipAction whileActive(DomainView.Active a) {
    if (!entitled(rules, host, record, a.epoch())) {
      // A guest whose epoch is over has no right to its disks: no grace.
      return new OwnershipAction.Stop(true);
    }
    if (state.wish() == Wish.KEEP) {
      return null;
    }
    Hold hold = hold();
    if (hold != null) {
      // Of a migration that is not ours to wait for, or that failed: the guest is here.
      return endMigration(hold);
    }
    if (state.wish() == Wish.STOP) {
      return new OwnershipAction.Stop(false);
    }
    Migration m = record.migration();
    if (m == null || !m.accepted()) {
      return null;
    }
    boolean able = host.migrates() && !m.targetNode().equals(host.nodeName());
    return able && entry instanceof NodeEntry.Known
        ? new OwnershipAction.Migrate(record.epoch(), m.targetNode())
        : new OwnershipAction.WriteAborted(record);
  }

  private OwnershipAction endMigration(Hold hold) {
    if (!hold.equals(state.aborted())) {
      return new OwnershipAction.AbortMigration(hold);
    }
    return record.migration() != null
        ? new OwnershipAction.WriteAborted(record)
        : new OwnershipAction.ClearHold(hold);
  }

  // ---- a copy has landed

  private @Nullable OwnershipAction whileLanded(DomainView.Landed landed) {
    if (resumable(landed)) {
      if (state.refused() || host.fenced()) {
        return new OwnershipAction.Stop(true);
      }
      // Also under the wish to stop: a guest that runs can be asked.
      return state.wish() == Wish.KEEP ? null : new OwnershipAction.Resume(record.epoch());
    }
    boolean awaited =
        record.held()
            && record.epoch() == landed.epoch()
            && acceptedHere()
            && !host.nodeName().equals(record.nodeName());
    if (awaited && !rules.has(Rule.R6_RESUME_AFTER_HAND_OVER)) {
      return new OwnershipAction.Resume(record.epoch() + 1);
    }
    // The source may have run on: its memory is stale (R7).
    return awaited ? null : new OwnershipAction.Stop(true);
  }

  private boolean resumable(DomainView.Landed landed) {
    if (!record.heldBy(host.nodeName())) {
      return false;
    }
    boolean handedOver = record.claimedBy() == ClaimedBy.HandOver || !rules.has(Rule.R7_CLAIMED_BY);
    boolean own =
        record.epoch() == landed.epoch() + 1
            && record.claimBootGeneration() == host.bootGeneration();
    return handedOver
        && (own || !rules.has(Rule.R7_EPOCH_AND_BOOT))
        && entry instanceof NodeEntry.Known k
        && record.epoch() > k.releasedThrough();
  }

  private boolean acceptedHere() {
    Migration m = record.migration();
    return m != null
        && m.accepted()
        && m.targetNode().equals(host.nodeName())
        && m.targetBootGeneration() == host.bootGeneration();
  }

  // ---- nothing is here

  private @Nullable OwnershipAction whileAbsent() {
    if (entry instanceof NodeEntry.Unreadable || state.wish() == Wish.KEEP) {
      return null;
    }
    if (record.heldBy(host.nodeName())) {
      return held();
    }
    if (state.wish() == Wish.STOP || state.refused() || host.fenced()) {
      return null;
    }
    return host.assigns() ? assignedByItself() : claimOrAccept();
  }

  private @Nullable OwnershipAction held() {
    OwnershipAction handOver = handOver();
    if (handOver != null) {
      return handOver;
    }
    if (state.wish() == Wish.RUN && startable()) {
      return state.refused() || host.fenced() ? null : new OwnershipAction.Start(record.epoch());
    }
    // Stopped, or an epoch that may not be started again: let go, on the node first (R4).
    boolean noted = record.epoch() <= over() && !(entry instanceof NodeEntry.Missing);
    return noted || !rules.has(Rule.R4_ENTRY_BEFORE_RELEASE)
        ? new OwnershipAction.WriteReleased(record)
        : new OwnershipAction.EndEpoch(record.epoch(), false);
  }

  /** Null: nothing has left from here, or what has left may be stale by now. */
  private @Nullable OwnershipAction handOver() {
    Ownership.Departure left = state.departure();
    Migration m = record.migration();
    if (left == null || left.epoch() != record.epoch() || m == null || !m.accepted()) {
      return null;
    }
    if (left.ended()) {
      return new OwnershipAction.WriteHandOver(record, record.handedOver(host));
    }
    boolean stands =
        new Hold(record.epoch(), host.nonce()).equals(hold())
            || !rules.has(Rule.R8_HOLD)
            || !rules.has(Rule.R8_HAND_OVER_UNDER_HOLD);
    return stands ? new OwnershipAction.EndEpoch(record.epoch(), true) : null;
  }

  private boolean startable() {
    boolean thisBoot =
        record.claimBootGeneration() == host.bootGeneration() || !rules.has(Rule.R5_SAME_BOOT);
    return entry instanceof NodeEntry.Known
        && record.epoch() > over()
        && thisBoot
        && (hold() == null || !rules.has(Rule.R8_HOLD))
        && disksClaimed();
  }

  private OwnershipAction assignedByItself() {
    // R1 and R2 in one swap: the epoch before is unclaimed or released, and nobody else assigns.
    if (entry instanceof NodeEntry.Missing) {
      return new OwnershipAction.CreateEntry();
    }
    return new OwnershipAction.WriteClaim(
        record, record.claimed(host, Math.max(record.epoch(), over()) + 1));
  }

  private @Nullable OwnershipAction claimOrAccept() {
    boolean mine =
        host.nodeName().equals(record.nodeName())
            && record.claimedBy() == null
            && !record.released()
            && record.epoch() > over()
            && disksClaimed();
    boolean target =
        host.migrates() && record.held() && record.migratesTo(host.nodeName()) && !acceptedHere();
    if (!mine && !target) {
      return null;
    }
    // The entry exists before the first claim, so that its loss can be told from its absence.
    if (entry instanceof NodeEntry.Missing) {
      return new OwnershipAction.CreateEntry();
    }
    if (target) {
      var accepted = new Migration(host.nodeName(), true, host.bootGeneration());
      return new OwnershipAction.WriteAccepted(record, record.migrating(accepted));
    }
    return rules.has(Rule.R2_CLAIM_BEFORE_START)
        ? new OwnershipAction.WriteClaim(record, record.claimed(host, record.epoch()))
        : new OwnershipAction.Start(record.epoch());
  }

  /** What a start would open is what was locked for this epoch (R11). */
  private boolean disksClaimed() {
    return host.assigns()
        || Objects.equals(state.disks(), record.claimedDisks())
        || !rules.has(Rule.R11_CLAIMED_DISKS_ONLY);
  }

  // ---- common

  private long over() {
    return entry instanceof NodeEntry.Known k ? k.releasedThrough() : 0;
  }

  private @Nullable Hold hold() {
    return entry instanceof NodeEntry.Known k ? k.hold() : null;
  }

  static boolean entitled(Rules rules, Host host, OwnershipRecord r, long epoch) {
    return r.heldBy(host.nodeName())
        && r.epoch() == epoch
        && (r.claimBootGeneration() == host.bootGeneration() || !rules.has(Rule.R5_SAME_BOOT))
        && !host.fenced();
  }
}
