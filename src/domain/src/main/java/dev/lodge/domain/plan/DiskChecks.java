package dev.lodge.domain.plan;

import dev.lodge.api.v1alpha1.virtualmachine.Disk;
import dev.lodge.domain.plan.PlanRequest.DiskSource;
import org.jspecify.annotations.Nullable;

/**
 * Settings of a disk that QEMU or libvirt would refuse, said before they do and in better words.
 */
record DiskChecks(Disk disk, String path, @Nullable DiskSource resolved, Problems problems) {

  void bus(Disk.Bus bus) {
    boolean cdrom = SpecDefaults.isCdrom(disk);
    if (cdrom && bus == Disk.Bus.Virtio) {
      problems.add(path + ".bus", "a CD-ROM cannot be Virtio", "use SATA or SCSI (IDE on pc)");
    }
    boolean fixedReadWrite = bus == Disk.Bus.IDE || bus == Disk.Bus.SATA;
    if (!cdrom && fixedReadWrite && disk.access() == Disk.Access.ReadOnly) {
      problems.add(
          path + ".access", "a disk on " + bus + " cannot be ReadOnly", "use bus Virtio or SCSI");
    }
    if (disk.name().equals(SpecDefaults.CLOUD_INIT)) {
      problems.add(
          path + ".name", "'cloud-init' is the name of the CD-ROM with cloudInit", "rename it");
    }
  }

  void sharing() {
    if (disk.access() != Disk.Access.Shared) {
      return;
    }
    if (resolved != null && !resolved.source().format().equals("raw")) {
      problems.add(
          path + ".access",
          "only a raw disk can be Shared",
          "set format: Raw, or access: Exclusive");
    }
    if (disk.cache() != null && disk.cache() != Disk.Cache.None) {
      problems.add(
          path + ".cache",
          "a Shared disk must bypass the host's cache",
          "leave cache out, or set cache: None");
    } else if (resolved != null && !resolved.directIo()) {
      problems.add(
          path + ".access",
          "a Shared disk needs O_DIRECT, which its file system lacks",
          "move it to another file system, or use a block device");
    }
  }

  void cache(Disk.Cache cache) {
    boolean direct = cache == Disk.Cache.None || cache == Disk.Cache.DirectSync;
    if (direct && resolved != null && !resolved.directIo()) {
      problems.add(
          path + ".cache",
          cache + " needs O_DIRECT, which the file system of this disk lacks",
          "leave cache out, or set cache: Writeback");
    }
  }

  void io(Disk.Io io, boolean uncached) {
    if (io == Disk.Io.Native && !uncached) {
      problems.add(
          path + ".io",
          "Native needs cache None or DirectSync",
          "leave io out, or set io: Threads");
    }
  }
}
