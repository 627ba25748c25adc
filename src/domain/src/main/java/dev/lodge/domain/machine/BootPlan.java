package dev.lodge.domain.machine;

import org.jspecify.annotations.Nullable;

/** What runs first in the guest. Paths are the host's, already resolved and checked. */
public sealed interface BootPlan {

  /** SeaBIOS, then the devices in boot order. */
  record Bios() implements BootPlan {}

  /** OVMF with variables of the VM's own, made from the template at the first start. */
  record Uefi(String loader, String nvramTemplate, String nvram) implements BootPlan {}

  /** A ROM image in place of the firmware. */
  record Rom(String loader) implements BootPlan {}

  /** A kernel that QEMU loads itself. */
  record Kernel(String kernel, @Nullable String initrd, @Nullable String cmdline)
      implements BootPlan {}
}
