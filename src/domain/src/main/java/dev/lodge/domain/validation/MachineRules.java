package dev.lodge.domain.validation;

import dev.lodge.api.common.Quantity;
import dev.lodge.api.v1alpha1.virtualmachine.CloudInit;
import dev.lodge.api.v1alpha1.virtualmachine.Cpu;
import dev.lodge.api.v1alpha1.virtualmachine.Disk;
import dev.lodge.api.v1alpha1.virtualmachine.FileRef;
import dev.lodge.api.v1alpha1.virtualmachine.Firmware;
import dev.lodge.api.v1alpha1.virtualmachine.Graphics;
import dev.lodge.api.v1alpha1.virtualmachine.Interface;
import dev.lodge.api.v1alpha1.virtualmachine.Machine;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineSpec;
import dev.lodge.domain.network.Ipv4;
import java.time.zone.ZoneRulesProvider;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Rules for a VirtualMachine by itself. */
final class MachineRules {
  private static final String NO_UUID = "00000000-0000-0000-0000-000000000000";

  private MachineRules() {}

  static void check(VirtualMachineSpec spec, Findings out) {
    memory(spec.memory().size(), out);
    cpu(spec, out);
    machine(spec.machine(), out);
    firmware(spec.firmware(), out);
    DiskRules.check(spec, out);
    interfaces(Objects.requireNonNullElse(spec.interfaces(), List.of()), out);
    bootOrder(spec, out);
    graphics(spec.graphics(), out);
    cloudInit(spec.cloudInit(), out);
  }

  private static void memory(Quantity size, Findings out) {
    out.errorIf(
        !Sizes.within(size, Sizes.MIB, 16 * Sizes.TIB),
        "spec.memory.size",
        "must be between 1Mi and 16Ti");
  }

  private static void cpu(VirtualMachineSpec spec, Findings out) {
    Cpu cpu = spec.cpu();
    Cpu.Topology t = cpu.topology();
    out.errorIf(
        t != null && (long) t.sockets() * t.cores() * t.threads() != cpu.count(),
        "spec.cpu.topology",
        "sockets * cores * threads must be cpu.count");
    out.errorIf(
        spec.hypervisor() == VirtualMachineSpec.HypervisorType.QEMU
            && "HostPassthrough".equals(cpu.model()),
        "spec.cpu.model",
        "HostPassthrough needs hypervisor KVM; leave cpu.model out, or set hypervisor: KVM");
    Machine.Features f = spec.machine() == null ? null : spec.machine().features();
    out.errorIf(
        cpu.count() > 1 && f != null && f.apic() == Machine.Toggle.Disabled,
        "spec.machine.features.apic",
        "more than one CPU needs it; leave apic out, or set cpu.count: 1");
  }

  private static void machine(@Nullable Machine machine, Findings out) {
    String clock = machine == null ? null : machine.clock();
    if (clock == null || clock.equals("UTC") || clock.equals("Localtime")) {
      return;
    }
    if (!ZoneRulesProvider.getAvailableZoneIds().contains(clock)) {
      String mend =
          Nearest.to(clock, ZoneRulesProvider.getAvailableZoneIds())
              .map(z -> "did you mean " + z + "?")
              .orElse("write UTC, Localtime, or a zone such as Europe/Berlin");
      out.error("spec.machine.clock", "there is no time zone '" + clock + "'; " + mend);
    }
  }

  private static void firmware(@Nullable Firmware firmware, Findings out) {
    if (firmware == null) {
      return;
    }
    String path = "spec.firmware";
    out.errorIf(
        (firmware.loaderRef() != null) != (firmware.type() == Firmware.Type.ROM),
        path + ".loaderRef",
        "needed with firmware.type ROM, and only there");
    out.errorIf(
        firmware.kernel() != null
            && firmware.type() != null
            && firmware.type() != Firmware.Type.BIOS,
        path + ".kernel",
        "direct kernel boot needs firmware.type BIOS (the default)");
    out.errorIf(
        NO_UUID.equals(firmware.uuid()),
        path + ".uuid",
        "is all zeros; leave uuid out, or take one of uuidgen");
    file(firmware.loaderRef(), path + ".loaderRef", out);
    text(firmware.serial(), path + ".serial", out);
    Firmware.Kernel kernel = firmware.kernel();
    if (kernel != null) {
      file(kernel.kernelRef(), path + ".kernel.kernelRef", out);
      file(kernel.initrdRef(), path + ".kernel.initrdRef", out);
      text(kernel.cmdline(), path + ".kernel.cmdline", out);
    }
  }

  private static void file(@Nullable FileRef ref, String path, Findings out) {
    if (ref == null) {
      return;
    }
    out.errorIf(
        (ref.imageRef() != null) == (ref.hostResourceRef() != null),
        path + ".imageRef",
        "give exactly one of imageRef and hostResourceRef");
    if (ref.hostResourceRef() != null) {
      out.errorIf(
          Paths.climbs(ref.hostResourceRef().path()),
          path + ".hostResourceRef.path",
          "must not contain '..'; write the path itself");
    }
  }

  /** Halves of surrogate pairs pass a pattern over code points, but no XML may hold them. */
  private static void text(@Nullable String text, String path, Findings out) {
    boolean broken =
        text != null
            && text.codePoints()
                .anyMatch(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE);
    out.errorIf(broken, path, "holds half of a character (a lone surrogate); remove it");
  }

  private static void interfaces(List<Interface> interfaces, Findings out) {
    Map<String, String> macs = new LinkedHashMap<>();
    for (int i = 0; i < interfaces.size(); i++) {
      Interface nic = interfaces.get(i);
      String path = "spec.interfaces[" + i + "]";
      String mac = nic.mac();
      if (mac != null) {
        out.errorIf(
            mac.equals("00:00:00:00:00:00") || mac.startsWith("fe:"),
            path + ".mac",
            "00:00:00:00:00:00 and addresses that begin with fe are the host's; use one that begins"
                + " with 52:54:00");
        out.errorIf(
            macs.putIfAbsent(mac, nic.name()) != null,
            path + ".mac",
            "two interfaces have the same address; give each its own");
      }
      for (String ip : Objects.requireNonNullElse(nic.ips(), List.<String>of())) {
        out.errorIf(
            Ipv4.parse(ip).isEmpty(),
            path + ".ips",
            "'" + ip + "' is no IPv4 address; write for example 10.20.0.7");
      }
    }
  }

  private static void bootOrder(VirtualMachineSpec spec, Findings out) {
    Map<Integer, String> disks = new LinkedHashMap<>();
    List<Disk> all = Objects.requireNonNullElse(spec.disks(), List.of());
    for (int i = 0; i < all.size(); i++) {
      Integer order = all.get(i).bootOrder();
      out.errorIf(
          order != null && disks.putIfAbsent(order, all.get(i).name()) != null,
          "spec.disks[" + i + "].bootOrder",
          "two disks have the same number; give each its own");
    }
    Map<Integer, String> nics = new LinkedHashMap<>();
    List<Interface> interfaces = Objects.requireNonNullElse(spec.interfaces(), List.of());
    for (int i = 0; i < interfaces.size(); i++) {
      Integer order = interfaces.get(i).bootOrder();
      String path = "spec.interfaces[" + i + "].bootOrder";
      out.errorIf(
          order != null && disks.containsKey(order),
          path,
          "a disk and an interface have the same number; give each its own");
      out.errorIf(
          order != null && nics.putIfAbsent(order, interfaces.get(i).name()) != null,
          path,
          "two interfaces have the same number; give each its own");
    }
  }

  private static void graphics(@Nullable Graphics graphics, Findings out) {
    out.errorIf(
        graphics != null && graphics.type() == Graphics.Type.None && graphics.keymap() != null,
        "spec.graphics.keymap",
        "there is no screen with graphics.type None; leave keymap out");
  }

  private static void cloudInit(@Nullable CloudInit cloudInit, Findings out) {
    if (cloudInit == null) {
      return;
    }
    int sources =
        (cloudInit.userData() == null ? 0 : 1)
            + (cloudInit.userDataSecretRef() == null ? 0 : 1)
            + (cloudInit.userDataConfigMapRef() == null ? 0 : 1);
    out.errorIf(
        sources > 1,
        "spec.cloudInit.userData",
        "only one of userData, userDataSecretRef and userDataConfigMapRef");
    String user = cloudInit.userData();
    if (user != null && user.indexOf('\0') >= 0) {
      out.error("spec.cloudInit.userData", "holds a NUL character; remove it");
    }
    if (user != null && !user.isBlank() && !UserData.isKnown(user)) {
      out.warn(
          "spec.cloudInit.userData",
          "begins with '"
              + UserData.firstLine(user)
              + "', which cloud-init ignores; begin with #cloud-config, or with #! for a script");
    }
  }
}
