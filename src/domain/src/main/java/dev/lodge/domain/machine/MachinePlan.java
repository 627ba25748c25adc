package dev.lodge.domain.machine;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A machine as it shall be built. Every default is written out and every address is pinned, so that
 * the same plan gives the same guest hardware on every host and with every later libvirt.
 *
 * @param tcgCacheMib translation cache of an emulated guest; 0 with KVM. QEMU's own default is an
 *     eighth of the host's memory.
 * @param smbiosSerial system serial number, if the user set one
 * @param devices in the order in which they are rendered
 */
public record MachinePlan(
    MachineIdentity identity,
    Virtualization virtualization,
    String arch,
    String machineType,
    String emulator,
    long memoryKib,
    int tcgCacheMib,
    CpuPlan cpu,
    BootPlan boot,
    boolean acpi,
    boolean apic,
    ClockPlan clock,
    CrashAction onCrash,
    @Nullable String smbiosSerial,
    List<DevicePlan> devices) {

  /** How the guest is executed: libvirt's domain type. */
  public enum Virtualization {
    KVM,
    QEMU
  }

  /** What libvirt does when the guest panics. */
  public enum CrashAction {
    RESTART,
    PRESERVE,
    DESTROY
  }

  /** The same machine under another identity: another epoch. */
  public MachinePlan withIdentity(MachineIdentity other) {
    return new MachinePlan(
        other,
        virtualization,
        arch,
        machineType,
        emulator,
        memoryKib,
        tcgCacheMib,
        cpu,
        boot,
        acpi,
        apic,
        clock,
        onCrash,
        smbiosSerial,
        devices);
  }

  /** The devices of one sort, in order. */
  public <T extends DevicePlan> List<T> devices(Class<T> sort) {
    return devices.stream().filter(sort::isInstance).map(sort::cast).toList();
  }
}
