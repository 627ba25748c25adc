package dev.lodge.domain.plan;

import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineSpec;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineSpec.HypervisorType;
import dev.lodge.domain.hypervisor.HostCapabilities;
import dev.lodge.domain.hypervisor.HostCapabilities.Guest;
import dev.lodge.domain.machine.MachinePlan.Virtualization;
import java.util.Objects;
import java.util.Optional;

/** How a guest is executed on a host, and what the host offers for that. */
record Execution(Virtualization virtualization, Guest guest) {

  /**
   * Auto takes KVM only where it is usable; KVM is honoured where its device opens, because a user
   * who asks for it may know better than a flag of the CPU.
   */
  static Optional<Execution> choose(
      VirtualMachineSpec spec, HostCapabilities host, Problems problems) {
    String arch = SpecDefaults.arch(spec).name();
    HostCapabilities.Kvm kvm = host.kvm();
    return switch (Objects.requireNonNullElse(spec.hypervisor(), HypervisorType.Auto)) {
      case KVM -> {
        Optional<Execution> found = offered(host, arch, Virtualization.KVM);
        if (kvm.present() && found.isPresent()) {
          yield found;
        }
        problems.add(
            "hypervisor",
            "KVM cannot be had on host " + host.hostName() + ": " + kvm.why(),
            "set hypervisor: QEMU for emulation, which is slow, or mend that");
        yield Optional.empty();
      }
      case QEMU -> emulated(host, arch, problems);
      case Auto -> {
        Optional<Execution> fast =
            kvm.usable() ? offered(host, arch, Virtualization.KVM) : Optional.empty();
        if (fast.isPresent()) {
          yield fast;
        }
        problems.remark("hypervisor: emulated, and so slow: " + kvm.why());
        yield emulated(host, arch, problems);
      }
    };
  }

  private static Optional<Execution> emulated(
      HostCapabilities host, String arch, Problems problems) {
    Optional<Execution> found = offered(host, arch, Virtualization.QEMU);
    if (found.isEmpty()) {
      problems.add(
          "machine.arch",
          "host " + host.hostName() + " has no QEMU for " + arch,
          "install it, or use one that it has: "
              + Choices.listed(arch, host.guests().stream().map(Guest::arch).toList()));
    }
    return found;
  }

  private static Optional<Execution> offered(
      HostCapabilities host, String arch, Virtualization virtualization) {
    return host.guest(arch, virtualization.name()).map(g -> new Execution(virtualization, g));
  }
}
