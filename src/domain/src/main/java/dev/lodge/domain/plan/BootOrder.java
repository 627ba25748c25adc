package dev.lodge.domain.plan;

import dev.lodge.api.v1alpha1.virtualmachine.Disk;
import dev.lodge.api.v1alpha1.virtualmachine.Firmware;
import dev.lodge.api.v1alpha1.virtualmachine.Interface;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineSpec;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Which devices firmware tries. Where the spec says nothing it is the first disk, then the first
 * CD-ROM: an empty disk falls through to the installer. A kernel or ROM needs neither.
 */
final class BootOrder {
  private final @Nullable Disk first;
  private final @Nullable Disk second;

  BootOrder(VirtualMachineSpec spec) {
    List<Disk> disks = SpecDefaults.disks(spec);
    boolean said =
        disks.stream().map(Disk::bootOrder).anyMatch(Objects::nonNull)
            || SpecDefaults.interfaces(spec).stream()
                .map(Interface::bootOrder)
                .anyMatch(Objects::nonNull);
    boolean firmwareBoots =
        SpecDefaults.kernel(spec) == null && SpecDefaults.firmware(spec) != Firmware.Type.ROM;
    List<Disk> candidates = said || !firmwareBoots ? List.of() : disks;
    Disk disk = candidates.stream().filter(d -> !SpecDefaults.isCdrom(d)).findFirst().orElse(null);
    Disk cdrom = candidates.stream().filter(SpecDefaults::isCdrom).findFirst().orElse(null);
    first = disk != null ? disk : cdrom;
    second = disk != null ? cdrom : null;
  }

  @Nullable Integer of(Disk disk) {
    if (disk.bootOrder() != null) {
      return disk.bootOrder();
    }
    if (disk.equals(first)) {
      return 1;
    }
    return disk.equals(second) ? 2 : null;
  }
}
