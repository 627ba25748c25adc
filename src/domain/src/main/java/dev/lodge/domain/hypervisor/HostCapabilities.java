package dev.lodge.domain.hypervisor;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a host can do; {@code lodge host capabilities} prints it and {@code lodge xml
 * --host-capabilities} reads it back.
 *
 * @param kvm whether {@code hypervisor: Auto} takes KVM
 * @param guests one per architecture and way of execution
 */
public record HostCapabilities(
    String hostName,
    String hostUuid,
    long memoryKib,
    int cpus,
    String libvirtVersion,
    String hypervisorVersion,
    Kvm kvm,
    List<Guest> guests) {

  /**
   * @param present /dev/kvm opens, so that {@code hypervisor: KVM} is honoured
   * @param usable present, and the CPU reports vmx or svm
   * @param why for people: why it is not usable, or how it was found to be
   */
  public record Kvm(boolean present, boolean usable, String why) {}

  /**
   * @param virtualization {@code KVM} or {@code QEMU}
   * @param emulator path of the emulator
   * @param machines with the canonical name that each alias stands for
   * @param cpuModels named models, the usable ones first
   */
  public record Guest(
      String arch,
      String virtualization,
      String emulator,
      List<MachineType> machines,
      List<CpuModel> cpuModels,
      boolean hostPassthrough,
      boolean hostModel,
      boolean maximum,
      @Nullable Uefi uefi) {}

  /** {@code usable}: the host offers every feature of the model. */
  public record CpuModel(String name, boolean usable) {}

  /** {@code canonical} is the name itself where it stands for no other. */
  public record MachineType(String name, String canonical, int maxCpus) {}

  /** OVMF without secure boot. */
  public record Uefi(String loader, String nvramTemplate) {}

  /** The guest kind for an architecture and a way of execution. */
  public Optional<Guest> guest(String arch, String virtualization) {
    return guests.stream()
        .filter(g -> g.arch().equals(arch) && g.virtualization().equals(virtualization))
        .findFirst();
  }
}
