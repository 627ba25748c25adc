package dev.lodge.api.v1alpha1.virtualmachine;

/** Types and reasons of a VM's conditions. Each message names the remedy. */
public final class VirtualMachineConditions {
  /** The guest runs as the spec says, but for what {@link #RESTART_REQUIRED} lists. */
  public static final String READY = "Ready";

  /** Every image that the VM names is on the node and was checked. */
  public static final String IMAGES_READY = "ImagesReady";

  /** Every network that the VM names is up on the node. */
  public static final String NETWORKS_READY = "NetworksReady";

  /** The guest runs on KVM; False says why it is emulated. */
  public static final String ACCELERATED = "Accelerated";

  /** Some change of the spec waits for a restart. */
  public static final String RESTART_REQUIRED = "RestartRequired";

  /** The slot pod is bound to a node; False says what the scheduler said. */
  public static final String SCHEDULED = "Scheduled";

  /** Whether the VM would start elsewhere if its node were lost; False says why not. */
  public static final String FAILOVER_READY = "FailoverReady";

  /** The slot pod ended while the guest runs; a new one is pinned to the same node. */
  public static final String SLOT_LOST = "SlotLost";

  /** Reasons of the conditions above. */
  public enum Reason {
    /** All is well. */
    Running,
    /** powerState is PoweredOff. */
    PoweredOff,
    /** The guest was paused by request; resume it. */
    Paused,
    /** The guest is being started. */
    Starting,
    /** The guest is being stopped. */
    Stopping,
    /** The guest ended by itself, and restartPolicy keeps it so. */
    GuestStopped,
    /** QEMU ended with an error; its last words are in the message. */
    QemuFailed,
    /** Waits before the next try, longer after each failure. */
    BackingOff,
    /** The spec is refused; the message names the field. */
    InvalidSpec,
    /** Something that the spec names is not there. */
    NotFound,
    /** Something that the spec names may not be used from this namespace. */
    NotAllowed,
    /** An image is being fetched or copied. */
    Importing,
    /** An image could not be fetched or did not pass the check. */
    ImageFailed,
    /** A disk could not be made or opened. */
    DiskFailed,
    /** Another VM writes this disk. */
    DiskInUse,
    /** The network could not be set up. */
    NetworkFailed,
    /** The address is another VM's. */
    AddressInUse,
    /** A domain of the same name or UUID exists that Lodge did not make; it is never touched. */
    ForeignDomain,
    /** The host lacks something that the spec asks for; the message says what it has. */
    Unsupported,
    /** libvirtd cannot be reached. */
    HypervisorUnavailable,
    /** The node's own record cannot be read or written; nothing is started. */
    NodeRecordFailed,
    /** The guest runs on KVM. */
    KVM,
    /** The guest is emulated. */
    Emulated,
    /** Nothing waits. */
    UpToDate,
    /** Some fields wait for the next start. */
    ChangesAwaitRestart,
    /** All there. */
    Available,
    /** The manifest was removed; the VM is being stopped. */
    Deleting,
    /** The guest panicked and is kept for a look. */
    GuestPanicked,
    /** The scheduler has placed the VM. */
    Bound,
    /** The scheduler has not placed the VM yet; the message is the scheduler's. */
    Unschedulable,
    /** The slot pod could not be made; the message is the API server's: quota, policy, name. */
    SlotRefused,
    /** A volume of the VM is not mounted yet. */
    WaitingForVolumes,
    /** The node is not ready and nothing proves that it is dead. */
    NodeUnknown,
    /** The VM's agent does not answer; the node runs on without it. */
    AgentUnavailable,
    /** With proof that the node is dead the VM starts elsewhere. */
    OnProof,
    /** A disk is on the node itself, so the VM stays with it. */
    NodeLocalDisk,
    /** onNodeLoss is Stay. */
    StayAsked,
    /** The slot pod ended under the guest. */
    SlotEnded,
    /** The slot is in place. */
    SlotHeld,
    /** The VM leaves its node: the node is drained, or the slot was deleted. */
    Draining,
    /** The drain of the node waits for this VM: onDrain is Block. */
    DrainBlocked,
    /** The field needs a cluster, or does not work in one yet; the message says which. */
    NotHere,
    /** The guest is paused by an I/O error; the message names the disk. */
    IoError
  }

  private VirtualMachineConditions() {}
}
