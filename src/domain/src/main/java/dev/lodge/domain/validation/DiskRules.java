package dev.lodge.domain.validation;

import dev.lodge.api.v1alpha1.virtualmachine.Disk;
import dev.lodge.api.v1alpha1.virtualmachine.DiskSource;
import dev.lodge.api.v1alpha1.virtualmachine.Machine;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineSpec;
import dev.lodge.domain.plan.SpecDefaults;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Rules for the disks of a VirtualMachine. */
final class DiskRules {
  /** Two channels of two drives each. */
  static final int IDE_DISKS = 4;

  /** Ports of the controller that a q35 board has. */
  static final int SATA_DISKS = 6;

  private DiskRules() {}

  static void check(VirtualMachineSpec spec, Findings out) {
    List<Disk> disks = Objects.requireNonNullElse(spec.disks(), List.of());
    for (int i = 0; i < disks.size(); i++) {
      String path = "spec.disks[" + i + "]";
      one(disks.get(i), path, out);
      sharing(disks.get(i), path, out);
    }
    buses(spec, disks, out);
  }

  private static void one(Disk disk, String path, Findings out) {
    boolean cdrom = disk.device() == Disk.Device.CDROM;
    DiskSource source = disk.source();
    out.errorIf(
        disk.name().equals(SpecDefaults.CLOUD_INIT),
        path + ".name",
        "'cloud-init' is the CD-ROM that carries cloudInit; choose another name");
    out.errorIf(
        source == null && !cdrom,
        path + ".source",
        "a disk needs one (imageRef, hostResourceRef, claimRef or blank); only a CDROM may be empty");
    out.errorIf(
        cdrom && disk.bus() == Disk.Bus.Virtio,
        path + ".bus",
        "a CDROM cannot be Virtio; use SATA or SCSI (IDE on machine.type pc)");
    out.errorIf(
        disk.io() == Disk.Io.Native
            && disk.cache() != null
            && disk.cache() != Disk.Cache.None
            && disk.cache() != Disk.Cache.DirectSync,
        path + ".io",
        "Native needs cache None or DirectSync");
    if (disk.size() != null) {
      out.errorIf(
          !Sizes.within(disk.size(), Sizes.MIB, 64 * Sizes.TIB),
          path + ".size",
          "must be between 1Mi and 64Ti");
      out.errorIf(cdrom, path + ".size", "a CDROM has the size of its medium; leave size out");
    }
    out.errorIf(
        disk.cloneMode() != null && (cdrom || source == null || source.imageRef() == null),
        path + ".clone",
        "only a disk made from an image is a clone; leave clone out");
    if (source != null) {
      source(disk, source, path, cdrom, out);
    }
  }

  private static void source(
      Disk disk, DiskSource source, String path, boolean cdrom, Findings out) {
    int members =
        (source.imageRef() == null ? 0 : 1)
            + (source.hostResourceRef() == null ? 0 : 1)
            + (source.claimRef() == null ? 0 : 1)
            + (source.blank() == null ? 0 : 1);
    out.errorIf(
        members != 1,
        path + ".source",
        "exactly one of imageRef, hostResourceRef, claimRef and blank"
            + (members == 0 ? " (a member without a value counts as absent: blank: {})" : ""));
    out.errorIf(
        source.blank() != null && disk.size() == null,
        path + ".size",
        "a blank disk needs one, e.g. size: 10Gi");
    out.errorIf(
        cdrom && source.blank() != null,
        path + ".source",
        "a CDROM cannot be blank; leave source out for an empty drive");
    out.errorIf(
        source.imageRef() != null && disk.format() != null,
        path + ".format",
        "an image has its own; leave format out");
    out.errorIf(
        disk.size() != null && (source.hostResourceRef() != null || source.claimRef() != null),
        path + ".size",
        "a host resource or a claim has its own size; leave size out");
    if (source.hostResourceRef() != null) {
      out.errorIf(
          Paths.climbs(source.hostResourceRef().path()),
          path + ".source.hostResourceRef.path",
          "must not contain '..'; write the path itself");
    }
  }

  private static void sharing(Disk disk, String path, Findings out) {
    boolean cdrom = disk.device() == Disk.Device.CDROM;
    if (disk.access() == Disk.Access.Shared) {
      out.errorIf(
          disk.source() == null
              || disk.source().hostResourceRef() == null && disk.source().claimRef() == null,
          path + ".access",
          "only a disk of the host or a claim (hostResourceRef, claimRef) can be Shared; the others belong to one VM");
      out.errorIf(
          disk.cache() != null && disk.cache() != Disk.Cache.None,
          path + ".cache",
          "a Shared disk must bypass the host's cache; leave cache out");
      out.errorIf(
          disk.format() == Disk.Format.QCOW2,
          path + ".format",
          "only a Raw disk can be Shared; QCOW2 has one writer");
    }
    out.errorIf(
        disk.access() == Disk.Access.ReadOnly
            && !cdrom
            && (disk.bus() == Disk.Bus.IDE || disk.bus() == Disk.Bus.SATA),
        path + ".access",
        "a disk on IDE or SATA cannot be ReadOnly; use bus Virtio or SCSI");
  }

  private static void buses(VirtualMachineSpec spec, List<Disk> disks, Findings out) {
    boolean pc = spec.machine() != null && spec.machine().type() == Machine.Type.pc;
    int ide = pc && spec.cloudInit() != null ? 1 : 0;
    int sata = 0;
    for (int i = 0; i < disks.size(); i++) {
      String path = "spec.disks[" + i + "].bus";
      Disk disk = disks.get(i);
      out.errorIf(
          !pc && disk.bus() == Disk.Bus.IDE,
          path,
          "IDE does not exist on machine.type q35 (the default); use SATA, or set machine.type: pc");
      out.errorIf(
          pc && disk.bus() == Disk.Bus.SATA,
          path,
          "SATA is not on machine.type pc; use IDE, or machine.type q35");
      boolean cdrom = disk.device() == Disk.Device.CDROM && disk.bus() == null;
      ide += disk.bus() == Disk.Bus.IDE || (cdrom && pc) ? 1 : 0;
      sata += disk.bus() == Disk.Bus.SATA || (cdrom && !pc) ? 1 : 0;
    }
    out.errorIf(
        ide > IDE_DISKS,
        "spec.disks",
        "disks[].bus: at most 4 disks fit on IDE; use Virtio or SCSI for the rest"
            + (pc && spec.cloudInit() != null ? " (cloudInit takes one)" : ""));
    out.errorIf(
        sata > SATA_DISKS,
        "spec.disks",
        "disks[].bus: at most 6 disks fit on SATA; use Virtio or SCSI for the rest");
  }

  /** A disk that was made from an image or blank cannot be made from something else afterwards. */
  static void update(VirtualMachineSpec before, VirtualMachineSpec after, Findings out) {
    Map<String, Disk> old = new LinkedHashMap<>();
    for (Disk disk : Objects.requireNonNullElse(before.disks(), List.<Disk>of())) {
      old.put(disk.name(), disk);
    }
    List<Disk> disks = Objects.requireNonNullElse(after.disks(), List.of());
    for (int i = 0; i < disks.size(); i++) {
      Disk was = old.get(disks.get(i).name());
      if (was != null && wasMade(was) && disks.get(i).device() != Disk.Device.CDROM) {
        out.errorIf(
            !Objects.equals(was.source(), disks.get(i).source()),
            "spec.disks[" + i + "].source",
            "the disk was made from it, so it cannot change; add a disk under another name");
      }
    }
  }

  private static boolean wasMade(Disk disk) {
    return disk.device() != Disk.Device.CDROM
        && disk.source() != null
        && disk.source().hostResourceRef() == null
        && disk.source().claimRef() == null;
  }
}
