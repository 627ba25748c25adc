package dev.lodge.domain.plan;

import dev.lodge.api.v1alpha1.virtualmachine.Machine;
import dev.lodge.domain.hypervisor.HostCapabilities.Guest;
import dev.lodge.domain.hypervisor.HostCapabilities.MachineType;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Resolves a chipset to a machine type with its version, which then stays. */
final class MachineTypes {
  private MachineTypes() {}

  /** The machine type to use; empty if the host lacks it, which is then among the problems. */
  static Optional<MachineType> resolve(
      Machine.Type chipset, Guest guest, @Nullable String pinned, Problems problems) {
    if (pinned != null && isOf(chipset, pinned)) {
      Optional<MachineType> same = find(guest, pinned);
      if (same.isEmpty()) {
        problems.add(
            "machine.type",
            "this VM first started as " + pinned + ", which the QEMU of this host does not know",
            "start it on a host that does; this one has " + listed(guest, chipset));
      }
      return same;
    }
    Optional<MachineType> newest =
        find(guest, chipset.name())
            .flatMap(alias -> find(guest, alias.canonical()).or(() -> Optional.of(alias)));
    if (newest.isEmpty()) {
      problems.add(
          "machine.type",
          chipset + " is not known to the QEMU of this host for " + guest.arch(),
          "it has " + Choices.listed(chipset.name(), names(guest)));
    }
    return newest;
  }

  /** Distributions add versions of their own, such as pc-i440fx-jammy. */
  static boolean isOf(Machine.Type chipset, String machineType) {
    return switch (chipset) {
      case q35 -> machineType.startsWith("pc-q35-");
      case pc -> machineType.startsWith("pc-i440fx-");
    };
  }

  private static Optional<MachineType> find(Guest guest, String name) {
    return guest.machines().stream().filter(m -> m.name().equals(name)).findFirst();
  }

  private static String listed(Guest guest, Machine.Type chipset) {
    return Choices.newest(names(guest).stream().filter(n -> isOf(chipset, n)).toList());
  }

  private static List<String> names(Guest guest) {
    return guest.machines().stream().map(MachineType::name).toList();
  }
}
