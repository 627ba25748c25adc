package dev.lodge.testkit.plan;

import dev.lodge.domain.hypervisor.HostCapabilities;
import dev.lodge.domain.hypervisor.HostCapabilities.CpuModel;
import dev.lodge.domain.hypervisor.HostCapabilities.Guest;
import dev.lodge.domain.hypervisor.HostCapabilities.Kvm;
import dev.lodge.domain.hypervisor.HostCapabilities.MachineType;
import dev.lodge.domain.hypervisor.HostCapabilities.Uefi;
import java.util.ArrayList;
import java.util.List;

/** Hosts as a capabilities report describes them: Debian 12 with QEMU 7.2. */
public final class Hosts {
  private static final Uefi OVMF =
      new Uefi("/usr/share/OVMF/OVMF_CODE_4M.fd", "/usr/share/OVMF/OVMF_VARS_4M.fd");
  private static final List<MachineType> MACHINES =
      List.of(
          new MachineType("pc-i440fx-7.2", "pc-i440fx-7.2", 255),
          new MachineType("pc", "pc-i440fx-7.2", 255),
          new MachineType("pc-q35-7.2", "pc-q35-7.2", 288),
          new MachineType("q35", "pc-q35-7.2", 288));
  private static final List<CpuModel> MODELS =
      List.of(
          new CpuModel("qemu64", true),
          new CpuModel("Nehalem", true),
          new CpuModel("EPYC-Milan", false));

  private Hosts() {}

  /** A host whose KVM works. */
  public static HostCapabilities kvm() {
    return host(new Kvm(true, true, "/dev/kvm opens and the CPU reports vmx"));
  }

  /** A nested host: /dev/kvm opens, but the CPU reports neither vmx nor svm. */
  public static HostCapabilities nested() {
    return host(
        new Kvm(
            true,
            false,
            "/dev/kvm opens, but the CPU reports neither vmx nor svm: nested virtualization"));
  }

  /** A host that can only emulate. */
  public static HostCapabilities emulationOnly() {
    return host(new Kvm(false, false, "/dev/kvm does not exist"));
  }

  private static HostCapabilities host(Kvm kvm) {
    List<Guest> guests = new ArrayList<>();
    for (String arch : List.of("x86_64", "i686")) {
      String emulator = "/usr/bin/qemu-system-" + (arch.equals("i686") ? "i386" : arch);
      Uefi uefi = arch.equals("x86_64") ? OVMF : null;
      guests.add(new Guest(arch, "QEMU", emulator, MACHINES, MODELS, false, true, true, uefi));
      if (kvm.present()) {
        guests.add(new Guest(arch, "KVM", emulator, MACHINES, MODELS, true, true, true, uefi));
      }
    }
    return new HostCapabilities(
        "test-host",
        "c0ffee00-0000-4000-8000-000000000001",
        16L << 20,
        8,
        "9.0.0",
        "7.2.0",
        kvm,
        guests);
  }
}
