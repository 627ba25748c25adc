package dev.lodge.domain.plan;

import dev.lodge.api.v1alpha1.virtualmachine.Disk;
import dev.lodge.domain.plan.PlanRequest.DiskSource;
import org.jspecify.annotations.Nullable;

/**
 * Settings of a disk that QEMU or libvirt would refuse because of what its source turned out to be,
 * said before they do and in better words. What the spec alone gets wrong never comes here: the
 * validator (DiskRules) and the API server refuse it.
 */
record DiskChecks(Disk disk, String path, @Nullable DiskSource resolved, Problems problems) {

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
    if (resolved != null && !resolved.directIo()) {
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
