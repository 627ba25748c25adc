package dev.lodge.operator.slot;

import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineSpec;
import io.fabric8.kubernetes.api.model.Quantity;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * What the scheduler counts for a VM.
 *
 * @param cpuOvercommit virtual CPUs for each CPU of a node
 * @param overheadBytes what QEMU takes beside the guest's memory, whatever its size
 */
public record SlotSize(double cpuOvercommit, long overheadBytes) {
  private static final long MIB = 1 << 20;

  /** Stacks and virtqueues of a virtual CPU. */
  private static final long OF_A_CPU = 3 * MIB;

  /** Page tables of guest memory, in fractions of it. */
  private static final long OF_MEMORY = 512;

  /** QEMU's translated code, which it has without KVM only. */
  private static final long OF_EMULATION = 64 * MIB;

  private static final int LEAST_MILLICPU = 10;

  /** Requests of the slot. */
  public Map<String, Quantity> requests(VirtualMachineSpec spec, boolean emulated) {
    var requests = new TreeMap<String, Quantity>();
    requests.put("cpu", cpu(spec));
    requests.put("memory", new Quantity(Long.toString(memory(spec, emulated) / MIB) + "Mi"));
    return requests;
  }

  private Quantity cpu(VirtualMachineSpec spec) {
    if (spec.cpu().request() != null) {
      return Quantity.parse(spec.cpu().request());
    }
    double milli = spec.cpu().count() * 1000 / cpuOvercommit;
    return Quantity.parse(
        String.format(Locale.ROOT, "%dm", Math.max(LEAST_MILLICPU, Math.round(milli))));
  }

  private long memory(VirtualMachineSpec spec, boolean emulated) {
    long guest = spec.memory().size().bytes();
    long all =
        guest
            + guest / OF_MEMORY
            + overheadBytes
            + spec.cpu().count() * OF_A_CPU
            + (emulated ? OF_EMULATION : 0);
    return (all + MIB - 1) / MIB * MIB;
  }
}
