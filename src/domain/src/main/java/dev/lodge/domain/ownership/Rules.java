package dev.lodge.domain.ownership;

import java.util.EnumSet;
import java.util.Set;

/**
 * The rules that the steps obey: all of them, always. Only tests of this package can make another
 * set, to show what each rule is for.
 */
final class Rules {
  /** What the product runs with. */
  static final Rules ALL = new Rules(EnumSet.allOf(Rule.class));

  /** A rule, or the part of one that a test can take away. */
  enum Rule {
    /** Reassign only what is unclaimed, released or proven over. */
    R1_REASSIGN_ON_PROOF,
    /** Start only after an own claim. */
    R2_CLAIM_BEFORE_START,
    /** A proof of fencing names the boot. */
    R3_PROOF_NAMES_BOOT,
    /** A taint is turned into a proof once, however long it stays. */
    R3_TAINT_PROVES_ONCE,
    /**
     * A taint that was there when a boot began proves nothing of that boot, however late it is
     * seen.
     */
    R3_TAINT_OF_EARLIER_BOOT,
    /** The node notes that the epoch is over before the record says so. */
    R4_ENTRY_BEFORE_RELEASE,
    /** Entry and domain are looked at again under the host lock. */
    R4_HOST_LOCK,
    /** Restart only in the boot of the claim. */
    R5_SAME_BOOT,
    /** The target resumes only after the hand-over. */
    R6_RESUME_AFTER_HAND_OVER,
    /** A copy resumes only under a claim by HandOver. */
    R7_CLAIMED_BY,
    /** A copy resumes only in its own epoch and boot. */
    R7_EPOCH_AND_BOOT,
    /** The hold keeps the source from starting again. */
    R8_HOLD,
    /** A hand-over needs the epoch ended under the hold of the process that migrated. */
    R8_HAND_OVER_UNDER_HOLD,
    /** A lost slot is replaced on its node, never a reason to reassign. */
    R10_LOST_SLOT_STAYS,
    /** A disk that others can name is claimed before the owner is written. */
    R11_CLAIM_DISKS,
    /** A claim is let go only once its epoch, or a later one, is released. */
    R11_CLAIM_EPOCH,
    /** A start opens only the disks that were claimed. */
    R11_CLAIMED_DISKS_ONLY
  }

  private final Set<Rule> on;

  private Rules(Set<Rule> on) {
    this.on = on;
  }

  static Rules without(Rule off) {
    return new Rules(EnumSet.complementOf(EnumSet.of(off)));
  }

  boolean has(Rule r) {
    return on.contains(r);
  }
}
