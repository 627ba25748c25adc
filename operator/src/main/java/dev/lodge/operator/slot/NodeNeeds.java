package dev.lodge.operator.slot;

import dev.lodge.api.v1alpha1.virtualmachine.Cpu;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineSpec;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineSpec.HypervisorType;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineStatus;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Labels of nodes by which the scheduler knows what a host can do, and those that a VM needs. */
public final class NodeNeeds {
  /** The node's agent is ready for VMs. */
  public static final String READY = "lodge.dev/ready";

  /** KVM can be used. */
  public static final String KVM = "lodge.dev/kvm";

  /** Before the name of a machine type. */
  public static final String MACHINE_TYPE = "machine-type.lodge.dev/";

  /** Before the name of a CPU model. */
  public static final String CPU_MODEL = "cpu-model.lodge.dev/";

  private static final List<String> NO_NAMES = List.of("HostPassthrough", "HostModel", "Maximum");

  private NodeNeeds() {}

  /** Whether the guest will be emulated wherever it runs. */
  public static boolean emulated(VirtualMachineSpec spec) {
    return spec.hypervisor() == HypervisorType.QEMU;
  }

  /**
   * The labels that a node must have for this VM.
   *
   * @param emulationAllowed whether a VM that did not ask for emulation may get it
   */
  public static Map<String, String> selector(
      VirtualMachineSpec spec, @Nullable VirtualMachineStatus status, boolean emulationAllowed) {
    var labels = new TreeMap<String, String>();
    if (spec.placement() != null && spec.placement().nodeSelector() != null) {
      labels.putAll(spec.placement().nodeSelector());
    }
    labels.put(READY, "true");
    labels.put("kubernetes.io/arch", "amd64");
    boolean kvm = spec.hypervisor() == HypervisorType.KVM || !emulated(spec) && !emulationAllowed;
    if (kvm) {
      labels.put(KVM, "true");
    }
    String model = spec.cpu().model();
    // Without a check QEMU takes a model that the host does not wholly have.
    boolean checked = spec.cpu().check() != Cpu.Check.None;
    if (model != null && checked && !NO_NAMES.contains(model) && kvm) {
      labels.put(CPU_MODEL + model, "true");
    }
    String machine =
        status == null || status.hardware() == null ? null : status.hardware().machineType();
    if (machine != null) {
      labels.put(MACHINE_TYPE + machine, "true");
    }
    return labels;
  }
}
