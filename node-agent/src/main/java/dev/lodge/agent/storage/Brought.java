package dev.lodge.agent.storage;

import dev.lodge.agent.hostfile.OpenFile;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineConditions.Reason;

/**
 * PORT: what the kubelet has brought to this node for one VM, as volumes of the pod that holds the
 * VM's place.
 */
public interface Brought {
  /** Alone nobody brings anything; admission says so before it comes to this. */
  Brought NOTHING = _ -> new Result.Refused(Reason.NotHere, "needs a cluster");

  /** Opens something; the caller closes it. */
  Result open(What what);

  /** What there can be. */
  sealed interface What {
    /** A PersistentVolumeClaim: a device, or disk.img in its file system. */
    record Volume(String disk) implements What {}

    /** The disk in an OCI image. */
    record Image(String disk) implements What {}

    /**
     * A file in an OCI image.
     *
     * @param role loader, kernel or initrd
     */
    record Firmware(String role) implements What {}

    /** cloud-init's user data, of a Secret or a ConfigMap. */
    record UserData() implements What {}
  }

  /** What came of opening it. */
  sealed interface Result {
    /**
     * @param process whose mounts it lies in
     */
    record Opened(OpenFile file, long process) implements Result {}

    /** Not mounted yet; the VM is woken when it is. */
    record Waiting(String message) implements Result {}

    record Refused(Reason reason, String message) implements Result {}
  }
}
