package dev.lodge.cli.offline;

import dev.lodge.api.ResourceKind;
import dev.lodge.api.common.HostResourceRef;
import dev.lodge.api.common.ObjectRef;
import dev.lodge.api.v1alpha1.hostresource.HostResourceSpec;
import dev.lodge.api.v1alpha1.virtualmachine.Disk;
import dev.lodge.api.v1alpha1.virtualmachine.DiskSource;
import dev.lodge.api.v1alpha1.virtualmachine.FileRef;
import dev.lodge.api.v1alpha1.virtualmachine.Firmware;
import dev.lodge.api.v1alpha1.virtualmachine.Interface;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineSpec;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineStatus;
import dev.lodge.api.v1alpha1.vmimage.VmImageSpec;
import dev.lodge.domain.hypervisor.HostCapabilities;
import dev.lodge.domain.machine.DevicePlan.Disk.Source;
import dev.lodge.domain.machine.DomainNames;
import dev.lodge.domain.machine.MachineFiles;
import dev.lodge.domain.network.MacAddresses;
import dev.lodge.domain.plan.PlanRequest;
import dev.lodge.domain.plan.PlanRequest.Nic;
import dev.lodge.domain.plan.PlanRequest.Resolved;
import dev.lodge.domain.plan.SpecDefaults;
import dev.lodge.manifest.Manifest;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Says what the names in a spec stand for where nobody can look: objects of the same files are
 * taken at their word, everything else gets a path that shows what would stand there.
 */
public final class OfflineResolver {
  private static final String STATE = "/var/lib/lodge";

  private final Map<String, Manifest> objects = new LinkedHashMap<>();
  private final List<String> assumptions = new ArrayList<>();

  /**
   * @param manifests all objects of the files
   */
  public OfflineResolver(List<Manifest> manifests) {
    manifests.forEach(m -> objects.put(key(m.kind(), m.namespace(), m.name()), m));
  }

  /** What was assumed so far, for people. */
  public List<String> assumptions() {
    return assumptions;
  }

  /**
   * What an agent knows of a VM already, and a plan keeps.
   *
   * @param epoch under which it would start
   * @param status with the pinned hardware and the MAC addresses
   */
  public record Known(String uid, long epoch, VirtualMachineStatus status) {}

  /** The request of a machine that has never been started. */
  public PlanRequest request(Manifest vm, HostCapabilities host) {
    String uid =
        UUID.nameUUIDFromBytes(
                ("offline/" + vm.namespace() + "/" + vm.name()).getBytes(StandardCharsets.UTF_8))
            .toString();
    assumptions.add("UID " + uid + ": the agent gives another");
    return request(vm, host, new Known(uid, 1, VirtualMachineStatus.empty()));
  }

  /** The request of a machine's next start. */
  public PlanRequest request(Manifest vm, HostCapabilities host, Known known) {
    VirtualMachineSpec spec = vm.spec(VirtualMachineSpec.class);
    String uid = known.uid();
    var files = new MachineFiles(STATE + "/machines/" + uid);
    Firmware firmware = spec.firmware();
    Firmware.Kernel kernel = firmware == null ? null : firmware.kernel();
    return new PlanRequest(
        vm.namespace(),
        vm.name(),
        uid,
        known.epoch(),
        spec,
        host,
        known.status().hardware(),
        new Resolved(
            disks(vm, spec, files),
            nics(vm, spec, known),
            spec.cloudInit() == null ? null : files.directory() + "/cloud-init.iso",
            kernel == null ? null : file(vm, kernel.kernelRef()),
            kernel == null ? null : file(vm, kernel.initrdRef()),
            firmware == null ? null : file(vm, firmware.loaderRef()),
            files));
  }

  private Map<String, PlanRequest.DiskSource> disks(
      Manifest vm, VirtualMachineSpec spec, MachineFiles files) {
    Map<String, PlanRequest.DiskSource> out = new LinkedHashMap<>();
    for (Disk disk : SpecDefaults.disks(spec)) {
      DiskSource source = disk.source();
      if (source != null) {
        out.put(disk.name(), new PlanRequest.DiskSource(source(vm, disk, source, files), true));
      }
    }
    return out;
  }

  private Source source(Manifest vm, Disk disk, DiskSource source, MachineFiles files) {
    String own = files.directory() + "/disks/" + disk.name();
    ObjectRef image = source.imageRef();
    HostResourceRef resource = source.hostResourceRef();
    String format = disk.format() == Disk.Format.QCOW2 ? "qcow2" : "raw";
    if (image != null) {
      Source base = new Source(false, image(vm, image), imageFormat(vm, image), null);
      if (disk.device() == Disk.Device.CDROM) {
        return base;
      }
      return disk.cloneMode() == Disk.Clone.Full
          ? new Source(false, own + "." + base.format(), base.format(), null)
          : new Source(false, own + ".qcow2", "qcow2", base);
    }
    if (resource != null) {
      return new Source(isBlock(resource), resource(resource), format, null);
    }
    return new Source(false, own + "." + format, format, null);
  }

  private Map<String, Nic> nics(Manifest vm, VirtualMachineSpec spec, Known known) {
    Map<String, Nic> out = new LinkedHashMap<>();
    for (Interface nic : SpecDefaults.interfaces(spec)) {
      ObjectRef ref = nic.networkRef();
      String namespace = ref == null || ref.namespace() == null ? vm.namespace() : ref.namespace();
      String network = DomainNames.network(namespace, ref == null ? "default" : ref.name());
      String mac = nic.mac() != null ? nic.mac() : mac(vm, nic.name(), known.status());
      out.put(nic.name(), new Nic(network, mac, DomainNames.tap(known.uid(), nic.name())));
    }
    return out;
  }

  private String mac(Manifest vm, String nic, VirtualMachineStatus status) {
    List<VirtualMachineStatus.InterfaceStatus> seen = status.interfaces();
    for (var i : seen == null ? List.<VirtualMachineStatus.InterfaceStatus>of() : seen) {
      String mac = i.mac();
      if (i.name().equals(nic) && mac != null) {
        return mac;
      }
    }
    String mac = MacAddresses.derive("offline", vm.namespace(), vm.name(), nic);
    assumptions.add("MAC " + mac + " of interface " + nic + ": the agent derives another");
    return mac;
  }

  private @Nullable String file(Manifest vm, @Nullable FileRef ref) {
    if (ref == null) {
      return null;
    }
    HostResourceRef resource = ref.hostResourceRef();
    ObjectRef image = ref.imageRef();
    return resource != null ? resource(resource) : image != null ? image(vm, image) : null;
  }

  private String image(Manifest vm, ObjectRef ref) {
    String path = STATE + "/images/" + owner(vm, ref) + "/" + ref.name();
    assumptions.add("image " + ref.name() + " lies at " + path);
    return path;
  }

  private String imageFormat(Manifest vm, ObjectRef ref) {
    Manifest image = objects.get(key(ResourceKind.VmImage, owner(vm, ref), ref.name()));
    VmImageSpec.Format format = image == null ? null : image.spec(VmImageSpec.class).format();
    if (format == null) {
      assumptions.add("image " + ref.name() + " is QCOW2: its header says what it is");
    }
    return format == null || format == VmImageSpec.Format.QCOW2 ? "qcow2" : "raw";
  }

  private String resource(HostResourceRef ref) {
    HostResourceSpec known = known(ref);
    String base = known == null ? "/host-resource/" + ref.name() : known.path();
    if (known == null) {
      assumptions.add(
          "host resource " + ref.name() + " is " + base + ": give its manifest with -f too");
    }
    return ref.path() == null ? base : base + "/" + ref.path();
  }

  private boolean isBlock(HostResourceRef ref) {
    HostResourceSpec known = known(ref);
    return known != null && known.type() == HostResourceSpec.Type.BlockDevice;
  }

  private @Nullable HostResourceSpec known(HostResourceRef ref) {
    Manifest manifest = objects.get(key(ResourceKind.HostResource, "", ref.name()));
    return manifest == null ? null : manifest.spec(HostResourceSpec.class);
  }

  private static String owner(Manifest vm, ObjectRef ref) {
    return ref.namespace() == null ? vm.namespace() : ref.namespace();
  }

  private static String key(ResourceKind kind, String namespace, String name) {
    return kind + " " + namespace + "/" + name;
  }
}
