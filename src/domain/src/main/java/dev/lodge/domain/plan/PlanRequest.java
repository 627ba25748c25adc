package dev.lodge.domain.plan;

import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineSpec;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineStatus.Hardware;
import dev.lodge.domain.hypervisor.HostCapabilities;
import dev.lodge.domain.machine.DevicePlan;
import dev.lodge.domain.machine.MachineFiles;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * All that a plan is made from.
 *
 * @param epoch the ownership epoch under which the machine will start
 * @param pinned {@code status.hardware}; null before the first start
 */
public record PlanRequest(
    String namespace,
    String name,
    String uid,
    long epoch,
    VirtualMachineSpec spec,
    HostCapabilities host,
    @Nullable Hardware pinned,
    Resolved resolved) {

  /**
   * What the names in the spec stand for on this host.
   *
   * @param disks by name of the disk; an empty CD-ROM drive has no entry
   * @param interfaces by name, those of {@link SpecDefaults#interfaces}
   * @param cloudInitSeed NoCloud image; with {@code cloudInit} only
   * @param kernel with {@code firmware.kernel} only, as is {@code initrd}
   * @param loader the ROM; with {@code firmware.type: ROM} only
   * @param files the machine's own files
   */
  public record Resolved(
      Map<String, DiskSource> disks,
      Map<String, Nic> interfaces,
      @Nullable String cloudInitSeed,
      @Nullable String kernel,
      @Nullable String initrd,
      @Nullable String loader,
      MachineFiles files) {}

  /**
   * @param directIo whether the file opens with O_DIRECT, which {@code cache: None} needs
   */
  public record DiskSource(DevicePlan.Disk.Source source, boolean directIo) {}

  /**
   * @param network libvirt's name of the network
   * @param tap host side device, at most 15 characters
   */
  public record Nic(String network, String mac, String tap) {}
}
