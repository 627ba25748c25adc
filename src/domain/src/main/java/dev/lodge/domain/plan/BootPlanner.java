package dev.lodge.domain.plan;

import dev.lodge.api.v1alpha1.virtualmachine.Firmware;
import dev.lodge.domain.hypervisor.HostCapabilities.Guest;
import dev.lodge.domain.hypervisor.HostCapabilities.Uefi;
import dev.lodge.domain.machine.BootPlan;
import dev.lodge.domain.plan.PlanRequest.Resolved;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What runs first in the guest. */
final class BootPlanner {
  private BootPlanner() {}

  static BootPlan plan(PlanRequest request, Guest guest, Problems problems) {
    Resolved files = request.resolved();
    return switch (SpecDefaults.firmware(request.spec())) {
      case BIOS -> {
        Firmware.Kernel kernel = SpecDefaults.kernel(request.spec());
        yield kernel == null
            ? new BootPlan.Bios()
            : new BootPlan.Kernel(
                resolved(files.kernel(), "firmware.kernel.kernelRef"),
                kernel.initrdRef() == null
                    ? null
                    : resolved(files.initrd(), "firmware.kernel.initrdRef"),
                kernel.cmdline());
      }
      case ROM -> new BootPlan.Rom(resolved(files.loader(), "firmware.loaderRef"));
      case UEFI -> uefi(request, guest, problems);
    };
  }

  private static BootPlan uefi(PlanRequest request, Guest guest, Problems problems) {
    if (!SpecDefaults.acpi(request.spec())) {
      problems.add(
          "machine.features.acpi", "UEFI needs ACPI", "leave it out, or set firmware.type: BIOS");
    }
    Uefi uefi = guest.uefi();
    if (uefi == null) {
      problems.add(
          "firmware.type",
          "this host has no UEFI firmware for " + guest.arch(),
          "install the package ovmf (edk2-ovmf), or set firmware.type: BIOS");
      return new BootPlan.Bios();
    }
    return new BootPlan.Uefi(
        uefi.loader(), uefi.nvramTemplate(), request.resolved().files().nvram());
  }

  /** The agent resolves what the spec names before it asks for a plan. */
  private static <T> T resolved(@Nullable T file, String path) {
    return Objects.requireNonNull(file, () -> path + " was not resolved");
  }
}
