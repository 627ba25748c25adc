package dev.lodge.domain.ownership;

/**
 * A node as the operator sees it: its VmHost, and its Node. Old facts are safe: boots and fences
 * only rise.
 *
 * @param bootGeneration as the agent wrote it; 0: no agent has registered yet
 * @param fencedThrough boots up to this one are over for certain
 * @param ready the Node's condition Ready is True
 * @param taint whether the Node carries node.kubernetes.io/out-of-service, and whose
 * @param taintSeen the taint that is there was turned into {@code fencedThrough} already
 * @param taintedAtBoot somebody's taint was there already when this boot began
 */
public record HostFacts(
    String name,
    long bootGeneration,
    long fencedThrough,
    boolean ready,
    Taint taint,
    boolean taintSeen,
    boolean taintedAtBoot) {

  /** The taint out-of-service. */
  public enum Taint {
    NONE,
    /** Set by the operator after another proof: it proves nothing itself. */
    OURS,
    /** Set by a person or a fencing agent: the machine is off. */
    THEIRS
  }

  /** Whether the boot in which something was claimed is over for certain (R1). */
  public boolean provesOver(long claimBootGeneration) {
    return fencedThrough >= claimBootGeneration || bootGeneration > claimBootGeneration;
  }

  /** Whether the present boot was fenced: nothing may be started in it. */
  public boolean fenced() {
    return bootGeneration <= fencedThrough;
  }
}
