package dev.lodge.domain.plan;

import dev.lodge.api.v1alpha1.virtualmachine.Disk;
import dev.lodge.api.v1alpha1.virtualmachine.Machine;
import dev.lodge.domain.machine.DevicePlan;
import dev.lodge.domain.machine.DevicePlan.Disk.Bus;
import dev.lodge.domain.machine.DevicePlan.Disk.Device;
import dev.lodge.domain.machine.DevicePlan.Disk.Source;
import dev.lodge.domain.plan.PlanRequest.DiskSource;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** One disk: every setting written out, none left to libvirt's defaults. */
final class DiskPlanner {
  private final Machine.Type board;
  private final TargetNames targets;
  private final Problems problems;

  DiskPlanner(Machine.Type board, TargetNames targets, Problems problems) {
    this.board = board;
    this.targets = targets;
    this.problems = problems;
  }

  /** A disk of the spec; {@code resolved} is null for an empty drive only. */
  Draft draft(Disk disk, @Nullable DiskSource resolved, @Nullable Integer bootOrder) {
    var checks = new DiskChecks(disk, path(disk), resolved, problems);
    boolean cdrom = SpecDefaults.isCdrom(disk);
    Disk.Bus bus = SpecDefaults.bus(disk, board);
    if (!cdrom && resolved == null) {
      throw new IllegalArgumentException(path(disk) + " was not resolved");
    }
    checks.sharing();
    Source source = resolved == null ? null : resolved.source();
    boolean readOnly = cdrom || disk.access() == Disk.Access.ReadOnly;
    String cache = cache(disk, checks, resolved);
    String io = io(disk, checks, cache, source);
    return draft(
        disk.name(),
        path(disk),
        address ->
            new DevicePlan.Disk(
                deviceName(disk.name()),
                cdrom ? Device.CDROM : Device.DISK,
                planned(bus),
                targets.of(deviceName(disk.name())),
                source,
                cache,
                io,
                readOnly || disk.discard() == Disk.Discard.Ignore ? "ignore" : "unmap",
                errorPolicy(disk),
                readOnly,
                disk.access() == Disk.Access.Shared,
                disk.serial(),
                bootOrder,
                bus == Disk.Bus.Virtio ? 1 : null,
                address),
        planned(bus));
  }

  /** On q35 it is virtio-scsi: the small kernels of cloud images have no AHCI. */
  static Bus cloudInitBus(Machine.Type board) {
    return board == Machine.Type.pc ? Bus.IDE : Bus.SCSI;
  }

  /** The CD-ROM with cloud-init data. */
  Draft cloudInit(String seed) {
    Bus bus = cloudInitBus(board);
    String name = deviceName(SpecDefaults.CLOUD_INIT);
    return draft(
        SpecDefaults.CLOUD_INIT,
        "cloudInit",
        address ->
            new DevicePlan.Disk(
                name,
                Device.CDROM,
                bus,
                targets.of(name),
                new Source(false, seed, "raw", null),
                "writeback",
                "threads",
                "ignore",
                "report",
                true,
                false,
                null,
                null,
                null,
                address),
        bus);
  }

  private static Draft draft(String name, String path, Draft.Maker maker, Bus bus) {
    Place place =
        switch (bus) {
          case VIRTIO -> Place.On.PCI;
          case SCSI -> Place.On.SCSI;
          case SATA -> Place.On.SATA;
          case IDE -> Place.On.IDE;
          case USB -> Place.On.USB;
        };
    return new Draft(deviceName(name), path + ".bus", place, maker);
  }

  /**
   * A CD-ROM goes through the host's cache: many guests read the same image, and any medium can
   * follow.
   */
  private String cache(Disk disk, DiskChecks checks, @Nullable DiskSource resolved) {
    if (disk.cache() != null) {
      checks.cache(disk.cache());
      return switch (disk.cache()) {
        case None -> "none";
        case Writeback -> "writeback";
        case Writethrough -> "writethrough";
        case DirectSync -> "directsync";
        case Unsafe -> "unsafe";
      };
    }
    if (SpecDefaults.isCdrom(disk)) {
      return "writeback";
    }
    if (resolved != null && !resolved.directIo()) {
      problems.remark(
          path(disk)
              + ".cache: Writeback, because its file system has no O_DIRECT, which None needs");
      return "writeback";
    }
    return "none";
  }

  private static String io(Disk disk, DiskChecks checks, String cache, @Nullable Source source) {
    boolean uncached = cache.equals("none") || cache.equals("directsync");
    if (disk.io() != null) {
      checks.io(disk.io(), uncached);
      return switch (disk.io()) {
        case Native -> "native";
        case Threads -> "threads";
        case IOURing -> "io_uring";
      };
    }
    boolean flat = source != null && (source.block() || source.format().equals("raw"));
    return uncached && flat ? "native" : "threads";
  }

  private static String errorPolicy(Disk disk) {
    return switch (Objects.requireNonNullElse(
        disk.onError(), SpecDefaults.isCdrom(disk) ? Disk.OnError.Report : Disk.OnError.Pause)) {
      case Pause -> "stop";
      case Report -> "report";
      case Ignore -> "ignore";
    };
  }

  static Bus planned(Disk.Bus bus) {
    return switch (bus) {
      case Virtio -> Bus.VIRTIO;
      case SCSI -> Bus.SCSI;
      case SATA -> Bus.SATA;
      case IDE -> Bus.IDE;
      case USB -> Bus.USB;
    };
  }

  static String deviceName(String disk) {
    return "disk/" + disk;
  }

  static String path(Disk disk) {
    return "disks[" + disk.name() + "]";
  }
}
