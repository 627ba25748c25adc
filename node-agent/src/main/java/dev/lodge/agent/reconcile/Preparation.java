package dev.lodge.agent.reconcile;

import dev.lodge.agent.store.StoredObject;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineConditions.Reason;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineSpec;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineStatus;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineStatus.DiskStatus;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineStatus.Hardware;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineStatus.InterfaceStatus;
import dev.lodge.domain.machine.MachinePlan;
import java.util.List;
import java.util.Optional;

/** Whether all that a VM needs to start is on this node. */
public sealed interface Preparation {

  /**
   * All is there.
   *
   * @param plan at epoch 0; the start puts its own epoch in
   * @param hardware what to pin
   * @param acceleration for people: why the guest is or is not on KVM
   * @param guard keeps a second writer off the disks
   */
  record Ready(
      MachinePlan plan,
      Hardware hardware,
      List<InterfaceStatus> interfaces,
      List<DiskStatus> disks,
      String acceleration,
      DiskGuard guard)
      implements Preparation {}

  /**
   * Something is missing.
   *
   * @param condition the condition that it concerns, e.g. ImagesReady
   * @param waiting true: it comes by itself, as an import does; whoever finishes it wakes the VM
   */
  record NotReady(String condition, Reason reason, String message, boolean waiting)
      implements Preparation {}

  /** Keeps a second writer off a VM's disks: before its start and after it. */
  interface DiskGuard {
    /** Claims the disks; else why not, with the mend. */
    Optional<String> claim();

    /** Disks that QEMU should have open for writing but has not. */
    List<String> missing(int pid);
  }

  /** Looks at a VM's needs and provides what it can; quick when all is there. */
  interface Preparer {
    Preparation prepare(StoredObject vm, VirtualMachineSpec spec, VirtualMachineStatus status);

    /**
     * The plan of a guest that runs, with other media in its drives: only drives and links of it
     * mean anything.
     */
    Preparation live(StoredObject vm, VirtualMachineSpec spec, VirtualMachineStatus status);

    /** A guest is about to start, and none runs: what the one before said is set aside. */
    default void starting(StoredObject vm) {}

    /** A guest that an earlier agent started runs: its disks are its own. */
    void adopted(StoredObject vm, VirtualMachineSpec spec, int pid);

    /** The guest is gone: lets go of what was held for it while it ran. */
    void released(StoredObject vm);

    /** The VM is deleted: removes what was made for it, but for disks with {@code retain: Keep}. */
    void deleted(StoredObject vm, VirtualMachineSpec spec);
  }
}
