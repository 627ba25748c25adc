package dev.lodge.domain.validation;

import dev.lodge.api.v1alpha1.virtualmachine.Disk;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * Two machines on one disk of the host. Compared are paths as they are written, so that a plain
 * mistake is told before anything starts; two names of one device are found by the agent, which
 * compares device numbers.
 */
final class DiskConflicts {
  private final Inventory inventory;
  private final Findings out;

  DiskConflicts(Inventory inventory, Findings out) {
    this.inventory = inventory;
    this.out = out;
  }

  private record Use(String path, Disk disk, int index) {}

  void check(Known<VirtualMachineSpec> vm) {
    List<Use> uses = uses(vm.spec());
    for (int i = 0; i < uses.size(); i++) {
      for (int j = 0; j < i; j++) {
        out.errorIf(
            clash(uses.get(i), uses.get(j)),
            field(uses.get(i)),
            "is the disk '" + uses.get(j).disk().name() + "' once more; remove one");
      }
    }
    for (Known<VirtualMachineSpec> other : inventory.machines()) {
      if (!other.sameAs(vm)) {
        against(vm, uses, other);
      }
    }
  }

  private void against(
      Known<VirtualMachineSpec> vm, List<Use> uses, Known<VirtualMachineSpec> other) {
    for (Use theirs : uses(other.spec())) {
      for (Use ours : uses) {
        if (clash(ours, theirs)) {
          clash(vm, ours, other, theirs);
        }
      }
    }
  }

  private void clash(
      Known<VirtualMachineSpec> vm, Use ours, Known<VirtualMachineSpec> other, Use theirs) {
    String what =
        "VirtualMachine %s writes it too (%s, its disk '%s')"
            .formatted(other.label(), ours.path(), theirs.disk().name());
    if (isOn(vm.spec()) && isOn(other.spec())) {
      out.error(
          field(ours),
          what
              + "; stop one of them (powerState: PoweredOff), or set access: ReadOnly, or Shared on"
              + " both for a cluster file system");
    } else {
      out.warn(field(ours), what + "; only one of them can run at a time");
    }
  }

  private static boolean isOn(VirtualMachineSpec spec) {
    return spec.powerState() != VirtualMachineSpec.PowerState.PoweredOff;
  }

  private static String field(Use use) {
    return "spec.disks[" + use.index() + "].source.hostResourceRef";
  }

  /** Whether both write and not both are meant to. */
  private static boolean clash(Use a, Use b) {
    return a.path().equals(b.path())
        && writes(a.disk())
        && writes(b.disk())
        && !(a.disk().access() == Disk.Access.Shared && b.disk().access() == Disk.Access.Shared);
  }

  static boolean writes(Disk disk) {
    return disk.device() != Disk.Device.CDROM && disk.access() != Disk.Access.ReadOnly;
  }

  private List<Use> uses(VirtualMachineSpec spec) {
    List<Use> uses = new ArrayList<>();
    List<Disk> disks = Objects.requireNonNullElse(spec.disks(), List.of());
    for (int i = 0; i < disks.size(); i++) {
      Disk disk = disks.get(i);
      if (disk.source() != null && disk.source().hostResourceRef() != null) {
        var ref = disk.source().hostResourceRef();
        Optional<String> path = inventory.path(ref);
        uses.add(new Use(path.orElse(ref.name() + ":" + Paths.normal("", ref.path())), disk, i));
      }
    }
    return uses;
  }
}
