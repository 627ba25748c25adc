package dev.lodge.agent.reconcile;

import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineStatus.Slot;

/**
 * Ends the process that holds a VM's place on this node, once the VM has let go: in a cluster, the
 * slot pod's.
 */
@FunctionalInterface
public interface SlotEnder {
  /** Alone nothing holds a place. */
  SlotEnder ALONE = _ -> {};

  /** A slot that has ended already is no failure. */
  void end(Slot slot);
}
