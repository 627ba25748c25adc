package dev.lodge.api.v1alpha1.vmhost;

/** Types of a host's conditions. Each message names the remedy. */
public final class VmHostConditions {
  /** The agent has libvirt and can start VMs. */
  public static final String READY = "Ready";

  /** KVM can be used; False says why VMs would be emulated. */
  public static final String KVM_USABLE = "KvmUsable";

  /** Reasons of the conditions above. */
  public enum Reason {
    /** All is well. */
    Available,
    /** libvirtd cannot be reached. */
    HypervisorUnavailable,
    /** KVM cannot be used. */
    NoKvm,
    /** Another machine has this name. */
    DuplicateName,
    /** The node's own records cannot be read or written. */
    NodeRecordFailed
  }

  private VmHostConditions() {}
}
