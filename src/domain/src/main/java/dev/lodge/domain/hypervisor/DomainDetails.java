package dev.lodge.domain.hypervisor;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What libvirt made of a plan.
 *
 * @param cpuModel of the guest, where libvirt names one
 * @param devices only those with an alias of ours
 */
public record DomainDetails(String machineType, @Nullable String cpuModel, List<Device> devices) {

  /**
   * @param alias {@code ua-...}
   * @param address as {@link dev.lodge.domain.machine.DeviceAddress#text} writes it
   * @param target target device: {@code vda}, or the host side of an interface
   */
  public record Device(String alias, @Nullable String address, @Nullable String target) {}
}
