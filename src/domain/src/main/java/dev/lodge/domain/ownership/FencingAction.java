package dev.lodge.domain.ownership;

/** What the operator does next for a node. */
public sealed interface FencingAction {

  /**
   * Compare-and-swap the VmHost's status.
   *
   * @param fencedThrough never less than it was
   * @param taintSeen the taint that is there now proves nothing more
   * @param taintedAtBoot false once a boot that began under a taint has seen it go
   */
  record WriteFenced(
      HostFacts expected, long fencedThrough, boolean taintSeen, boolean taintedAtBoot)
      implements FencingAction {}

  /**
   * Put the taint node.kubernetes.io/out-of-service on the Node, with the value {@link
   * Fencing#OUR_TAINT}: Kubernetes detaches the volumes of a machine that is off.
   */
  record SetTaint(String node) implements FencingAction {}

  /** Take the taint that is ours off the Node: the machine runs again. */
  record RemoveTaint(String node) implements FencingAction {}
}
