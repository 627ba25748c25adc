package dev.lodge.operator.needs;

import dev.lodge.api.common.AllowedNamespaces.From;
import dev.lodge.api.common.HostResourceRef;
import dev.lodge.api.common.ObjectRef;
import dev.lodge.api.v1alpha1.hostresource.HostResource;
import dev.lodge.api.v1alpha1.hostresource.HostResourceSpec;
import dev.lodge.api.v1alpha1.hostresource.HostResourceSpec.Scope;
import dev.lodge.api.v1alpha1.virtualmachine.Disk;
import dev.lodge.api.v1alpha1.virtualmachine.FileRef;
import dev.lodge.api.v1alpha1.virtualmachine.Firmware;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineConditions;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineConditions.Reason;
import dev.lodge.api.v1alpha1.vmimage.VmImage;
import dev.lodge.api.v1alpha1.vmimage.VmImageSpec;
import dev.lodge.domain.ownership.DiskLock;
import dev.lodge.domain.ownership.NameableDisks;
import dev.lodge.operator.slot.SlotVolume;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The disks and files of a VM: what the slot brings, and what others could name too. */
final class DiskNeeds {
  private final String namespace;
  private final Lookup lookup;

  final List<Problem> problems = new ArrayList<>();
  final List<SlotVolume> volumes = new ArrayList<>();
  final List<DiskLock> locks = new ArrayList<>();
  @Nullable String localDisk;

  DiskNeeds(String namespace, Lookup lookup) {
    this.namespace = namespace;
    this.lookup = lookup;
  }

  void add(Disk d) {
    if (d.source() == null) {
      return;
    }
    String field = "disks[" + d.name() + "].source";
    if (d.source().claimRef() != null) {
      claim(d, field, d.source().claimRef().name());
    } else if (d.source().hostResourceRef() != null) {
      hostResource(d, field, d.source().hostResourceRef());
    } else if (d.source().imageRef() != null) {
      image(field, SlotVolume.IMAGES + d.name(), d.source().imageRef());
      onNode(d);
    } else {
      onNode(d);
    }
  }

  /** Files of firmware and kernel, which are read only. */
  void add(Firmware f) {
    file("firmware.loaderRef", "loader", f.loaderRef());
    if (f.kernel() != null) {
      file("firmware.kernel.kernelRef", "kernel", f.kernel().kernelRef());
      file("firmware.kernel.initrdRef", "initrd", f.kernel().initrdRef());
    }
  }

  private void file(String field, String what, @Nullable FileRef ref) {
    if (ref != null && ref.imageRef() != null) {
      image(field, SlotVolume.FIRMWARE + what, ref.imageRef());
    } else if (ref != null && ref.hostResourceRef() != null) {
      find(field, ref.hostResourceRef());
    }
  }

  /** A disk that Lodge makes is on the node where the VM ran first; a CD-ROM is made anew. */
  private void onNode(Disk d) {
    if (d.device() != Disk.Device.CDROM && localDisk == null) {
      localDisk = d.name();
    }
  }

  private void claim(Disk d, String field, String name) {
    switch (lookup.claim(namespace, name)) {
      case Lookup.Claim.Found found -> {
        boolean writes = NameableDisks.writes(d);
        volumes.add(new SlotVolume.Claim(d.name(), name, found.block(), !writes));
        if (writes) {
          locks.add(DiskLock.ofClaim(d.name(), NameableDisks.shared(d), found.uid()));
        }
      }
      case Lookup.Claim.Missing _ ->
          refuse(
              Reason.NotFound,
              field
                  + ".claimRef: there is no PersistentVolumeClaim '"
                  + name
                  + "' in namespace "
                  + namespace
                  + "; make it, or name another");
      case Lookup.Claim.Unreadable u ->
          refuse(Reason.NotFound, field + ".claimRef: cannot be read now: " + u.why());
    }
  }

  private void hostResource(Disk d, String field, HostResourceRef ref) {
    HostResourceSpec resource = find(field, ref);
    if (resource == null
        || !NameableDisks.writes(d)
        || resource.access() == HostResourceSpec.Access.ReadOnly) {
      return;
    }
    String path = ref.path() == null ? "" : ref.path();
    boolean everywhere = resource.scope() == Scope.Shared;
    locks.add(
        everywhere
            ? DiskLock.ofShared(d.name(), NameableDisks.shared(d), ref.name(), path)
            : DiskLock.ofNode(d.name(), NameableDisks.shared(d), ref.name(), path));
    if (!everywhere && localDisk == null) {
      localDisk = d.name();
    }
  }

  private @Nullable HostResourceSpec find(String field, HostResourceRef ref) {
    HostResource r = lookup.hostResource(ref.name());
    if (r == null) {
      refuse(
          Reason.NotFound,
          field
              + ".hostResourceRef: there is no HostResource '"
              + ref.name()
              + "'; an administrator makes it");
      return null;
    }
    if (!Names.allowed(r.getSpec().allowedNamespaces(), From.All, "", namespace, lookup)) {
      refuse(
          Reason.NotAllowed,
          field
              + ".hostResourceRef: HostResource '"
              + ref.name()
              + "' may not be used from namespace "
              + namespace
              + "; its spec.allowedNamespaces must say so");
      return null;
    }
    return r.getSpec();
  }

  private void image(String field, String path, ObjectRef ref) {
    String of = ref.namespace() == null ? namespace : ref.namespace();
    VmImage image = lookup.image(of, ref.name());
    if (image == null) {
      refuseImage(
          Reason.NotFound,
          field + ".imageRef: there is no VmImage " + of + "/" + ref.name() + "; make it");
      return;
    }
    if (!Names.allowed(image.getSpec().allowedNamespaces(), From.Same, of, namespace, lookup)) {
      refuseImage(
          Reason.NotAllowed,
          field
              + ".imageRef: VmImage "
              + of
              + "/"
              + ref.name()
              + " may not be used from namespace "
              + namespace
              + "; its spec.allowedNamespaces must say so");
      return;
    }
    VmImageSpec.Source source = image.getSpec().source();
    if (source.http() != null) {
      refuseImage(
          Reason.NotHere,
          "VmImage "
              + of
              + "/"
              + ref.name()
              + " is fetched by http, which a cluster cannot do yet; put the disk into an OCI image"
              + " (source.registry), or the file on the nodes (source.hostResourceRef)");
    } else if (source.registry() != null) {
      VmImageSpec.Registry r = source.registry();
      volumes.add(
          new SlotVolume.Image(
              path, r.reference(), r.pullSecretRef() == null ? null : r.pullSecretRef().name()));
    }
  }

  private void refuse(Reason reason, String message) {
    problems.add(new Problem(VirtualMachineConditions.SCHEDULED, reason, message));
  }

  private void refuseImage(Reason reason, String message) {
    problems.add(new Problem(VirtualMachineConditions.IMAGES_READY, reason, message));
  }
}
