package dev.lodge.domain.ownership;

import dev.lodge.domain.ownership.HostFacts.Taint;
import dev.lodge.domain.ownership.Rules.Rule;
import org.jspecify.annotations.Nullable;

/**
 * The operator's side of fencing for one node (R3): each taint out-of-service that somebody sets
 * becomes a proof for one boot, once; a proof by other means becomes a taint.
 */
public final class Fencing {
  /** Value of the taint that the operator sets itself. */
  public static final String OUR_TAINT = "lodge.dev-fenced";

  private Fencing() {}

  /**
   * Decides; null: nothing to do now. The VmHost is to be read live first, then the Node live; the
   * action expects the VmHost as it was read. Any other order could take a taint of an earlier boot
   * for one of the present boot.
   */
  public static @Nullable FencingAction decide(HostFacts host) {
    return decide(Rules.ALL, host);
  }

  static @Nullable FencingAction decide(Rules rules, HostFacts h) {
    boolean once = rules.has(Rule.R3_TAINT_PROVES_ONCE);
    if (h.bootGeneration() == 0) {
      return null; // no agent has registered: there is no boot to speak of
    }
    if (h.taint() != Taint.THEIRS && (h.taintSeen() || h.taintedAtBoot())) {
      return new FencingAction.WriteFenced(h, h.fencedThrough(), false, false);
    }
    // A node that answers is not off, whatever somebody says.
    if (h.taint() == Taint.THEIRS && !h.ready() && !(once && h.taintSeen())) {
      boolean earlier = once && h.taintedAtBoot() && rules.has(Rule.R3_TAINT_OF_EARLIER_BOOT);
      long proven = earlier ? h.bootGeneration() - 1 : h.bootGeneration();
      if (!once && proven <= h.fencedThrough()) {
        return null;
      }
      return new FencingAction.WriteFenced(
          h, Math.max(proven, h.fencedThrough()), true, h.taintedAtBoot());
    }
    if (h.taint() == Taint.NONE && h.fenced() && !h.ready()) {
      return new FencingAction.SetTaint(h.name());
    }
    return h.taint() == Taint.OURS && !h.fenced() ? new FencingAction.RemoveTaint(h.name()) : null;
  }
}
