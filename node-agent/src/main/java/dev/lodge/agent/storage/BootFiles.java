package dev.lodge.agent.storage;

import dev.lodge.agent.hostfile.FileCopy;
import dev.lodge.agent.hostfile.FileFacts;
import dev.lodge.agent.hostfile.OpenFile;
import dev.lodge.agent.hostfile.QemuUser;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineConditions.Reason;
import dev.lodge.api.v1alpha1.vmimage.VmImageSpec.Format;
import dev.lodge.domain.image.ImageInspector;
import dev.lodge.domain.image.Inspection;
import dev.lodge.domain.image.InspectionPolicy;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Locale;

/**
 * Private copies of what a VM boots from. QEMU never opens the file that a user can change, and
 * libvirt, which gives kernels to the user of QEMU, changes the owner of nothing that is shared. A
 * copy is made anew when its source has changed.
 */
final class BootFiles {
  private final VmDirectory vm;
  private final QemuUser user;
  private final String bootId;

  /**
   * @param bootId of the host: nothing here is synced, so after a crash of the host all is made
   *     anew
   */
  BootFiles(VmDirectory vm, QemuUser user, String bootId) {
    this.vm = vm;
    this.user = user;
    this.bootId = bootId;
  }

  /** From a file of the host. */
  Path ofHost(Format role, String field, OpenFile file) throws StorageException, IOException {
    FileFacts facts = file.facts();
    return ensure(role, field, facts.id() + "/" + facts.stamp(), file.path());
  }

  /** From an image of the store. */
  Path ofImage(Format role, String field, Path image, String digest)
      throws StorageException, IOException {
    return ensure(role, field, digest, image);
  }

  private Path ensure(Format role, String field, String version, Path source)
      throws StorageException, IOException {
    String stamp = bootId + "/" + version;
    String name = role.name().toLowerCase(Locale.ROOT);
    Path copy = vm.boot().resolve(name);
    Path stampFile = vm.boot().resolve(name + ".stamp");
    if (Files.exists(copy)
        && Files.exists(stampFile)
        && Files.readString(stampFile).equals(stamp)) {
      return copy;
    }
    // Before the copy, so that a file which is no kernel and fills the disk is not even begun; and
    // after it, because only the copy is what QEMU gets.
    inspect(role, field, source);
    VmDirectory.make(vm.boot());
    Path unfinished = vm.boot().resolve("." + name + ".new");
    try {
      String before = FileFacts.of(source).stamp();
      FileCopy.copy(source, unfinished, _ -> {});
      if (!FileFacts.of(source).stamp().equals(before)) {
        throw new StorageException(
            Reason.DiskFailed, field, "the file was written to while it was copied; try again");
      }
      inspect(role, field, unfinished);
      Files.setPosixFilePermissions(unfinished, PosixFilePermissions.fromString("r--r-----"));
      user.give(unfinished);
      Files.deleteIfExists(stampFile);
      Files.move(unfinished, copy, StandardCopyOption.ATOMIC_MOVE);
      Files.writeString(stampFile, stamp);
    } finally {
      Files.deleteIfExists(unfinished);
    }
    return copy;
  }

  private static void inspect(Format role, String field, Path file)
      throws StorageException, IOException {
    try (FileChannel in = FileChannel.open(file, StandardOpenOption.READ)) {
      if (ImageInspector.inspect(OpenFile.bytes(in, in.size()), role, InspectionPolicy.FOREIGN)
          instanceof Inspection.Refused r) {
        throw new StorageException(Reason.InvalidSpec, field, r.message());
      }
    }
  }
}
