package dev.lodge.domain.plan;

import dev.lodge.api.v1alpha1.virtualmachine.Consoles;
import dev.lodge.api.v1alpha1.virtualmachine.Disk;
import dev.lodge.api.v1alpha1.virtualmachine.Firmware;
import dev.lodge.api.v1alpha1.virtualmachine.Graphics;
import dev.lodge.api.v1alpha1.virtualmachine.Interface;
import dev.lodge.api.v1alpha1.virtualmachine.Machine;
import dev.lodge.api.v1alpha1.virtualmachine.Machine.Toggle;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineSpec;
import dev.lodge.domain.machine.DevicePlan;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What absent fields mean. Nothing of this is ever written into a user's spec. */
public final class SpecDefaults {
  /** Name of the interface that a VM has which says nothing of interfaces. */
  public static final String DEFAULT_INTERFACE = "default";

  /** Name of the CD-ROM that carries cloud-init data; no disk of a user may have it. */
  public static final String CLOUD_INIT = "cloud-init";

  private SpecDefaults() {}

  /** Our name of a console's device. */
  public static String consoleName(DevicePlan.Console.Kind kind) {
    return switch (kind) {
      case SERIAL -> "console/serial";
      case VIRTIO -> "console/virtio";
    };
  }

  /** The interfaces: those of the spec, or one on the network {@code default}. */
  public static List<Interface> interfaces(VirtualMachineSpec spec) {
    return spec.interfaces() != null
        ? spec.interfaces()
        : List.of(new Interface(DEFAULT_INTERFACE, null, null, null, null, null, null));
  }

  /** The disks of the spec. */
  public static List<Disk> disks(VirtualMachineSpec spec) {
    return Objects.requireNonNullElse(spec.disks(), List.of());
  }

  static Machine.Arch arch(VirtualMachineSpec spec) {
    Machine m = spec.machine();
    return m != null && m.arch() != null ? m.arch() : Machine.Arch.x86_64;
  }

  static Machine.Type machineType(VirtualMachineSpec spec) {
    Machine m = spec.machine();
    return m != null && m.type() != null ? m.type() : Machine.Type.q35;
  }

  static boolean acpi(VirtualMachineSpec spec) {
    Machine.Features f = spec.machine() == null ? null : spec.machine().features();
    return f == null || enabled(f.acpi());
  }

  static boolean apic(VirtualMachineSpec spec) {
    Machine.Features f = spec.machine() == null ? null : spec.machine().features();
    return f == null || enabled(f.apic());
  }

  static Firmware.Type firmware(VirtualMachineSpec spec) {
    Firmware f = spec.firmware();
    return f != null && f.type() != null ? f.type() : Firmware.Type.BIOS;
  }

  static Firmware.@Nullable Kernel kernel(VirtualMachineSpec spec) {
    return spec.firmware() == null ? null : spec.firmware().kernel();
  }

  static boolean graphics(VirtualMachineSpec spec) {
    Graphics g = spec.graphics();
    return g == null || g.type() != Graphics.Type.None;
  }

  static boolean serial(VirtualMachineSpec spec) {
    Consoles c = spec.consoles();
    return c == null || c.serial() != null;
  }

  static boolean virtioConsole(VirtualMachineSpec spec) {
    Consoles c = spec.consoles();
    return c == null || c.virtio() != null;
  }

  /** Toggles are on unless said otherwise. */
  static boolean enabled(@Nullable Toggle toggle) {
    return toggle != Toggle.Disabled;
  }

  static boolean isCdrom(Disk disk) {
    return disk.device() == Disk.Device.CDROM;
  }

  static Disk.Bus bus(Disk disk, Machine.Type board) {
    if (disk.bus() != null) {
      return disk.bus();
    }
    if (!isCdrom(disk)) {
      return Disk.Bus.Virtio;
    }
    return board == Machine.Type.pc ? Disk.Bus.IDE : Disk.Bus.SATA;
  }
}
