package dev.lodge.agent.storage;

import dev.lodge.agent.hostfile.FileCopy;
import dev.lodge.agent.hostfile.OpenFile;
import dev.lodge.agent.image.ImageState;
import dev.lodge.agent.image.Trees;
import dev.lodge.agent.store.DurableFiles;
import dev.lodge.api.common.Quantity;
import dev.lodge.api.v1alpha1.virtualmachine.Disk;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineConditions.Reason;
import dev.lodge.api.v1alpha1.vmimage.VmImageSpec.Format;
import dev.lodge.domain.image.EmptyQcow2;
import dev.lodge.domain.image.ImageInspector;
import dev.lodge.domain.image.Inspection;
import dev.lodge.domain.image.InspectionPolicy;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.function.LongConsumer;

/**
 * A disk that Lodge makes: blank, a linked clone or a full copy. It is a directory with the content
 * and a {@link DiskRecord}, made under another name and renamed, so that what has the name is
 * whole.
 */
final class OwnDisk {
  private final Path parent;
  private final Path directory;
  private final Disk disk;
  private final String field;
  private final QemuImg qemuImg;

  OwnDisk(VmDirectory vm, Disk disk, QemuImg qemuImg) {
    this.parent = vm.disks();
    this.directory = parent.resolve(disk.name());
    this.disk = disk;
    this.field = "disks[" + disk.name() + "]";
    this.qemuImg = qemuImg;
  }

  boolean exists() {
    return Files.isDirectory(directory);
  }

  /** Checks a disk that was made before, and makes it larger if the spec says so. */
  DiskRecord check(String origin) throws StorageException, IOException {
    DiskRecord record = DiskRecord.read(directory);
    if (!record.origin().equals(origin)) {
      throw new StorageException(
          Reason.InvalidSpec,
          field + ".source",
          "this disk was made of "
              + record.origin()
              + " and keeps its content; put that back, or give the disk another name to make a new one of "
              + origin);
    }
    Path content = record.content(directory);
    if (!Files.exists(content)) {
      throw StorageException.lost(field, content.toString());
    }
    if (record.format().equals("qcow2")) {
      inspect(record, content);
    }
    return resized(keeping(record), content);
  }

  /** A guest that broke out of QEMU could have written another header for the next QEMU. */
  private void inspect(DiskRecord record, Path content) throws StorageException, IOException {
    EmptyQcow2.Backing backing = record.backing();
    if (backing != null && !Files.exists(Path.of(backing.path()))) {
      throw StorageException.lost(field, "the image below it (" + backing.path() + ")");
    }
    try (FileChannel in = FileChannel.open(content, StandardOpenOption.READ)) {
      Inspection found =
          ImageInspector.inspect(
              OpenFile.bytes(in, in.size()),
              Format.QCOW2,
              InspectionPolicy.own(backing == null ? null : backing.path()));
      if (found instanceof Inspection.Refused r) {
        throw new StorageException(Reason.DiskFailed, field, r.message());
      }
    }
  }

  private DiskRecord keeping(DiskRecord record) throws IOException {
    if (record.keep() == keep()) {
      return record;
    }
    DiskRecord changed = record.withKeep(keep());
    changed.write(directory);
    return changed;
  }

  private DiskRecord resized(DiskRecord record, Path content) throws StorageException, IOException {
    if (disk.size() == null) {
      return record;
    }
    long wanted = sectors(disk.size().bytes());
    if (wanted < record.virtualSize()) {
      throw new StorageException(
          Reason.InvalidSpec,
          field + ".size",
          "the disk has "
              + Quantity.ofBytes(record.virtualSize())
              + " already and cannot shrink; set size to"
              + " that or more");
    }
    if (wanted > record.virtualSize()) {
      grow(content, record.format(), wanted);
      DiskRecord grown = record.withSize(wanted);
      grown.write(directory);
      return grown;
    }
    return record;
  }

  private void grow(Path content, String format, long size) throws IOException {
    if (format.equals("qcow2")) {
      qemuImg.resize(content, size);
    } else {
      FileCopy.extend(content, size);
    }
  }

  /** Makes a blank disk. */
  DiskRecord blank(String origin) throws StorageException, IOException {
    if (disk.size() == null) {
      throw new StorageException(Reason.InvalidSpec, field + ".size", "a blank disk needs one");
    }
    String format = disk.format() == Disk.Format.QCOW2 ? "qcow2" : "raw";
    var record = new DiskRecord(origin, format, sectors(disk.size().bytes()), null, null, keep());
    return make(record, content -> empty(content, record));
  }

  /** Makes a layer above an image. */
  DiskRecord linked(String origin, ImageState.Present image) throws StorageException, IOException {
    var record =
        new DiskRecord(
            origin,
            "qcow2",
            size(image),
            new EmptyQcow2.Backing(image.file().toString(), image.header().qemuFormat()),
            image.digest(),
            keep());
    return make(record, content -> empty(content, record));
  }

  /** Makes a copy of an image; takes as long as that takes. */
  DiskRecord full(String origin, ImageState.Present image, LongConsumer progress)
      throws StorageException, IOException {
    var record =
        new DiskRecord(
            origin, image.header().qemuFormat(), size(image), null, image.digest(), keep());
    return make(
        record,
        content -> {
          FileCopy.copy(image.file(), content, progress);
          if (record.virtualSize() > image.virtualSize()) {
            grow(content, record.format(), record.virtualSize());
          }
        });
  }

  private long size(ImageState.Present image) throws StorageException {
    if (disk.size() == null) {
      return sectors(image.virtualSize());
    }
    long wanted = sectors(disk.size().bytes());
    if (wanted < image.virtualSize()) {
      throw new StorageException(
          Reason.InvalidSpec,
          field + ".size",
          "the image has "
              + Quantity.ofBytes(image.virtualSize())
              + "; set size to that or more, or leave it out");
    }
    return wanted;
  }

  private interface Filler {
    void fill(Path content) throws IOException;
  }

  private DiskRecord make(DiskRecord record, Filler filler) throws IOException {
    Path disks = VmDirectory.make(parent);
    Path unfinished = disks.resolve("." + disk.name() + ".new");
    Trees.delete(unfinished);
    VmDirectory.make(unfinished);
    try {
      Path content = record.content(unfinished);
      filler.fill(content);
      Files.setPosixFilePermissions(content, PosixFilePermissions.fromString("rw-------"));
      try (FileChannel c = FileChannel.open(content, StandardOpenOption.WRITE)) {
        c.force(true);
      }
      record.create(unfinished);
      Files.move(unfinished, directory, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException | RuntimeException e) {
      Trees.delete(unfinished);
      throw e;
    }
    DurableFiles.syncDirectory(disks);
    return record;
  }

  private static void empty(Path content, DiskRecord record) throws IOException {
    if (record.format().equals("qcow2")) {
      EmptyQcow2 layout = EmptyQcow2.of(record.virtualSize(), record.backing());
      try (FileChannel out =
          FileChannel.open(
              content, EnumSet.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE))) {
        ByteBuffer head = ByteBuffer.wrap(layout.head());
        while (head.hasRemaining()) {
          out.write(head);
        }
      }
      FileCopy.extend(content, layout.fileSize());
    } else {
      Files.createFile(content);
      FileCopy.extend(content, record.virtualSize());
    }
  }

  private boolean keep() {
    return disk.retain() == Disk.Retain.Keep;
  }

  private static long sectors(long bytes) {
    return (bytes + EmptyQcow2.SECTOR - 1) / EmptyQcow2.SECTOR * EmptyQcow2.SECTOR;
  }

  /** The content of a disk. */
  Path content(DiskRecord record) {
    return record.content(directory);
  }
}
