package dev.lodge.agent.reconcile;

import java.time.Duration;

/** What is counted and timed of VMs. */
public interface VmMetrics {
  /** The phases of a start, each a histogram. */
  enum Phase {
    /** Images, disks, networks, plan. */
    PREPARE,
    /** The claim and the node's record. */
    CLAIM,
    /** libvirt and QEMU. */
    CREATE,
    /** From the wish's arrival at the pass to the running guest. */
    TOTAL
  }

  void started(Phase phase, Duration took);

  /** A start that failed, by reason. */
  void startFailed(String reason);

  /** A guest ended by itself. */
  void guestEnded(String how);

  /** A pass threw: a fault of ours. */
  void passBroke(Throwable fault);
}
