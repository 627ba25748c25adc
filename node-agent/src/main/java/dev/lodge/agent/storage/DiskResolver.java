package dev.lodge.agent.storage;

import dev.lodge.agent.hostfile.DirectIo;
import dev.lodge.agent.hostfile.FileFacts;
import dev.lodge.agent.image.ImageState;
import dev.lodge.agent.storage.ResolvedDisk.Use;
import dev.lodge.api.common.ObjectRef;
import dev.lodge.api.v1alpha1.virtualmachine.Disk;
import dev.lodge.api.v1alpha1.virtualmachine.DiskSource;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineConditions.Reason;
import dev.lodge.api.v1alpha1.vmimage.VmImageSpec.Format;
import dev.lodge.domain.machine.DevicePlan.Disk.Source;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Finds or makes the disks of one VM. */
final class DiskResolver {
  /** A copy of up to this many bytes is made at once, a longer one in the background. */
  private static final long AT_ONCE = 64L << 20;

  private final String uid;
  private final String namespace;
  private final VmDirectory vm;
  private final ImageUse images;
  private final HostDisks hostDisks;
  private final QemuImg qemuImg;
  private final FullCopies copies;
  private final DirectIo directIo;
  private final List<Path> media = new ArrayList<>();

  DiskResolver(
      String uid,
      String namespace,
      VmDirectory vm,
      ImageUse images,
      HostDisks hostDisks,
      QemuImg qemuImg,
      FullCopies copies,
      DirectIo directIo) {
    this.uid = uid;
    this.namespace = namespace;
    this.vm = vm;
    this.images = images;
    this.hostDisks = hostDisks;
    this.qemuImg = qemuImg;
    this.copies = copies;
    this.directIo = directIo;
  }

  /** Images that are read in place. */
  List<Path> media() {
    return media;
  }

  /** The disk, or null if it has to be waited for. */
  @Nullable ResolvedDisk resolve(Disk disk, DiskSource source)
      throws StorageException, IOException {
    String field = "disks[" + disk.name() + "].source";
    boolean cdrom = disk.device() == Disk.Device.CDROM;
    if (source.claimRef() != null) {
      Brought.Result.Opened volume =
          images.brought(field + ".claimRef", new Brought.What.Volume(disk.name()));
      return volume == null
          ? null
          : hostDisks.resolve(vm, field + ".claimRef", disk, volume, cdrom ? Use.READ : use(disk));
    }
    if (source.hostResourceRef() != null) {
      return hostDisks.resolve(
          vm, namespace, field, disk, source.hostResourceRef(), cdrom ? Use.READ : use(disk));
    }
    if (source.imageRef() != null) {
      return cdrom ? medium(disk, field, source.imageRef()) : clone(disk, field, source.imageRef());
    }
    var own = new OwnDisk(vm, disk, qemuImg);
    return resolved(disk, own, own.exists() ? own.check("blank") : own.blank("blank"));
  }

  private static Use use(Disk disk) {
    return switch (disk.access()) {
      case ReadOnly -> Use.READ;
      case Shared -> Use.SHARED_WRITE;
      case Exclusive -> Use.WRITE;
      case null -> Use.WRITE;
    };
  }

  private @Nullable ResolvedDisk medium(Disk disk, String field, ObjectRef ref)
      throws StorageException, IOException {
    ImageState.Present image = images.present(field, ref, new Brought.What.Image(disk.name()));
    if (image == null) {
      return null;
    }
    if (image.header().format() != Format.ISO && image.header().format() != Format.Raw) {
      throw new StorageException(
          Reason.InvalidSpec,
          field + ".imageRef",
          "a CDROM reads an ISO, and this image is a " + image.header().format());
    }
    media.add(image.file());
    FileFacts facts = FileFacts.of(image.file());
    return new ResolvedDisk(
        disk.name(),
        new Source(false, image.file().toString(), "raw", null),
        directIo.works(image.file(), facts.id()),
        image.virtualSize(),
        image.digest(),
        Use.READ,
        false,
        facts.id());
  }

  private @Nullable ResolvedDisk clone(Disk disk, String field, ObjectRef ref)
      throws StorageException, IOException {
    var own = new OwnDisk(vm, disk, qemuImg);
    String origin = images.origin(ref);
    if (own.exists()) {
      return resolved(disk, own, own.check(origin));
    }
    ImageState.Present image = images.present(field, ref, new Brought.What.Image(disk.name()));
    if (image == null) {
      return null;
    }
    switch (image.header().format()) {
      case QCOW2, Raw, ISO -> {}
      case Kernel, Initrd, ROM ->
          throw new StorageException(
              Reason.InvalidSpec,
              field + ".imageRef",
              "a disk is made of a disk image, and this is a " + image.header().format());
    }
    if (disk.cloneMode() != Disk.Clone.Full) {
      return resolved(disk, own, own.linked(origin, image));
    }
    if (image.size() <= AT_ONCE) {
      return resolved(disk, own, own.full(origin, image, _ -> {}));
    }
    long bytes = copies.copy(uid, disk.name(), progress -> own.full(origin, image, progress));
    images.await(
        null, "disks[" + disk.name() + "] is being copied (" + bytes * 100 / image.size() + " %)");
    return null;
  }

  private ResolvedDisk resolved(Disk disk, OwnDisk own, DiskRecord record) throws IOException {
    Path content = own.content(record);
    FileFacts facts = FileFacts.of(content);
    Source below =
        record.backing() == null
            ? null
            : new Source(false, record.backing().path(), record.backing().qemuFormat(), null);
    return new ResolvedDisk(
        disk.name(),
        new Source(false, content.toString(), record.format(), below),
        directIo.works(content, facts.id()),
        record.virtualSize(),
        record.imageDigest(),
        use(disk),
        false,
        facts.id());
  }
}
