package dev.lodge.agent.storage;

import dev.lodge.agent.hostfile.BindMounts;
import dev.lodge.agent.hostfile.DirectIo;
import dev.lodge.agent.hostfile.FileFacts;
import dev.lodge.agent.hostfile.HostFiles;
import dev.lodge.agent.hostfile.OpenFile;
import dev.lodge.agent.hostfile.OpenResult;
import dev.lodge.agent.hostfile.OtherMounts;
import dev.lodge.agent.hostfile.QemuUser;
import dev.lodge.agent.hostfile.References;
import dev.lodge.agent.hostfile.References.Target;
import dev.lodge.agent.storage.ResolvedDisk.Use;
import dev.lodge.api.common.HostResourceRef;
import dev.lodge.api.v1alpha1.hostresource.HostResourceSpec;
import dev.lodge.api.v1alpha1.virtualmachine.Disk;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineConditions.Reason;
import dev.lodge.api.v1alpha1.vmimage.VmImageSpec.Format;
import dev.lodge.domain.image.ImageInspector;
import dev.lodge.domain.image.Inspection;
import dev.lodge.domain.image.InspectionPolicy;
import dev.lodge.domain.machine.DevicePlan;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Set;

/**
 * Disks that are host resources, used in place. A block device keeps the name that its
 * administrator gave it. A file gets a second name by a bind mount of the descriptor that was
 * checked; libvirt and QEMU only ever see that one.
 */
final class HostDisks {
  private static final InspectionPolicy IN_PLACE =
      new InspectionPolicy(InspectionPolicy.DEFAULT_MAX_VIRTUAL_SIZE, null, false);

  private final References references;
  private final DirectIo directIo;
  private final QemuUser user;

  HostDisks(References references, DirectIo directIo, QemuUser user) {
    this.references = references;
    this.directIo = directIo;
    this.user = user;
  }

  /** Opens what a field names; the caller closes it. */
  OpenFile open(String namespace, String field, HostResourceRef ref, Use use)
      throws StorageException {
    return open(field, ref, resource(namespace, field, ref, use));
  }

  private static OpenFile open(String field, HostResourceRef ref, HostResourceSpec resource)
      throws StorageException {
    return switch (HostFiles.open(ref.name(), resource, ref.path())) {
      case OpenResult.Opened o -> o.file();
      case OpenResult.Refused r -> throw new StorageException(r.reason(), field, r.message());
    };
  }

  private HostResourceSpec resource(String namespace, String field, HostResourceRef ref, Use use)
      throws StorageException {
    HostResourceSpec resource =
        switch (references.hostResource(namespace, ref)) {
          case Target.Found<HostResourceSpec> f -> f.spec();
          case Target.Refused<HostResourceSpec> r ->
              throw new StorageException(r.reason(), field, r.message());
        };
    if (use != Use.READ && resource.access() == HostResourceSpec.Access.ReadOnly) {
      throw new StorageException(
          Reason.NotAllowed,
          field,
          "HostResource " + ref.name() + " is ReadOnly; set the disk's access: ReadOnly");
    }
    return resource;
  }

  /** A disk of the spec. */
  ResolvedDisk resolve(
      VmDirectory vm, String namespace, String field, Disk disk, HostResourceRef ref, Use use)
      throws StorageException, IOException {
    HostResourceSpec resource = resource(namespace, field, ref, use);
    try (OpenFile file = open(field, ref, resource)) {
      FileFacts facts = file.facts();
      Inspection.Accepted found = inspect(field, file, disk);
      boolean block = facts.id().block();
      if (!block && use == Use.READ) {
        readable(field, file);
      }
      String path = block ? resource.path() : secondName(vm, disk, file, use == Use.READ);
      return new ResolvedDisk(
          disk.name(),
          new DevicePlan.Disk.Source(block, path, found.header().qemuFormat(), null),
          directIo.works(file.path(), facts.id()),
          found.virtualSize(),
          null,
          use,
          true,
          facts.id());
    }
  }

  /**
   * A volume that the kubelet has mounted for the VM. File and device alike get a name on this host
   * that ends with the VM's run: their own is inside of the pod.
   */
  ResolvedDisk resolve(
      VmDirectory vm, String field, Disk disk, Brought.Result.Opened volume, Use use)
      throws StorageException, IOException {
    try (OpenFile file = volume.file()) {
      FileFacts facts = file.facts();
      Inspection.Accepted found = inspect(field, file, disk);
      boolean readOnly = use == Use.READ;
      if (readOnly && !facts.id().block()) {
        readable(field, file);
      }
      Path target = name(vm, disk, file, readOnly);
      OtherMounts.bind(file, volume.process(), target, readOnly);
      return new ResolvedDisk(
          disk.name(),
          new DevicePlan.Disk.Source(
              facts.id().block(), target.toString(), found.header().qemuFormat(), null),
          directIo.works(file.path(), facts.id()),
          found.virtualSize(),
          null,
          use,
          true,
          facts.id());
    }
  }

  private static Inspection.Accepted inspect(String field, OpenFile file, Disk disk)
      throws StorageException, IOException {
    Format declared = disk.format() == Disk.Format.QCOW2 ? Format.QCOW2 : Format.Raw;
    try (FileChannel in = file.read()) {
      return switch (ImageInspector.inspect(
          OpenFile.bytes(in, file.facts().size()), declared, IN_PLACE)) {
        case Inspection.Accepted a -> a;
        case Inspection.Refused r ->
            throw new StorageException(Reason.InvalidSpec, field, r.message());
      };
    }
  }

  /** libvirt changes no owner of what is only read, so QEMU must be able to read it as it is. */
  private void readable(String field, OpenFile file) throws StorageException, IOException {
    if (user.user().isEmpty()) {
      return;
    }
    Set<PosixFilePermission> mode = Files.getPosixFilePermissions(file.path());
    boolean may =
        mode.contains(PosixFilePermission.OTHERS_READ)
            || mode.contains(PosixFilePermission.GROUP_READ)
            || Files.getOwner(file.path()).equals(user.user().get());
    if (!may) {
      throw new StorageException(
          Reason.DiskFailed,
          field,
          "the file is not readable for QEMU (user "
              + user.user().get().getName()
              + "); chmod o+r it, or make a VmImage of it");
    }
  }

  private static String secondName(VmDirectory vm, Disk disk, OpenFile file, boolean readOnly)
      throws IOException {
    if (!BindMounts.possible()) {
      return file.realPath().toString();
    }
    Path target = name(vm, disk, file, readOnly);
    BindMounts.bind(file, target, readOnly);
    return target.toString();
  }

  private static Path name(VmDirectory vm, Disk disk, OpenFile file, boolean readOnly)
      throws IOException {
    String name = disk.name() + "." + file.facts().id() + (readOnly ? ".ro" : ".rw");
    return VmDirectory.make(vm.host()).resolve(name);
  }
}
