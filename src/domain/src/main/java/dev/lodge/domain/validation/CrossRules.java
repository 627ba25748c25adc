package dev.lodge.domain.validation;

import dev.lodge.api.common.AllowedNamespaces;
import dev.lodge.api.common.HostResourceRef;
import dev.lodge.api.common.ObjectRef;
import dev.lodge.api.v1alpha1.hostresource.HostResourceSpec;
import dev.lodge.api.v1alpha1.virtualmachine.Disk;
import dev.lodge.api.v1alpha1.virtualmachine.FileRef;
import dev.lodge.api.v1alpha1.virtualmachine.Firmware;
import dev.lodge.api.v1alpha1.virtualmachine.Interface;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineSpec;
import dev.lodge.api.v1alpha1.vmimage.VmImageSpec;
import dev.lodge.api.v1alpha1.vmnetwork.VmNetworkSpec;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Rules for an object beside all others: nothing that may exist once is taken twice, and nothing is
 * referred to that does not allow it. A reference to what is not there is no mistake here: it may
 * come later, and the status says what is waited for.
 */
public final class CrossRules {
  private final Inventory inventory;
  private final Findings out = new Findings();

  private CrossRules(Inventory inventory) {
    this.inventory = inventory;
  }

  /**
   * What is wrong with a machine.
   *
   * @param inventory may hold an older version of the machine, which counts for nothing
   */
  public static List<FieldProblem> machine(Known<VirtualMachineSpec> vm, Inventory inventory) {
    var rules = new CrossRules(inventory);
    rules.uuid(vm);
    rules.disks(vm);
    rules.firmware(vm);
    rules.interfaces(vm);
    return rules.out.all();
  }

  /** What is wrong with a network. */
  public static List<FieldProblem> network(Known<VmNetworkSpec> network, Inventory inventory) {
    var out = new Findings();
    NetworkPlaces.check(network, inventory, out);
    return out.all();
  }

  /** What is wrong with an image. */
  public static List<FieldProblem> image(Known<VmImageSpec> image, Inventory inventory) {
    var rules = new CrossRules(inventory);
    HostResourceRef ref = image.spec().source().hostResourceRef();
    if (ref != null) {
      rules.resource(ref, image.namespace(), "spec.source.hostResourceRef");
    }
    return rules.out.all();
  }

  private void uuid(Known<VirtualMachineSpec> vm) {
    Firmware firmware = vm.spec().firmware();
    String uuid = firmware == null ? null : firmware.uuid();
    for (Known<VirtualMachineSpec> other : inventory.machines()) {
      Firmware theirs = other.spec().firmware();
      boolean taken = uuid != null && theirs != null && uuid.equals(theirs.uuid());
      out.errorIf(
          taken && !other.sameAs(vm),
          "spec.firmware.uuid",
          "VirtualMachine " + other.label() + " has the same; give each its own, or leave it out");
    }
  }

  private void disks(Known<VirtualMachineSpec> vm) {
    List<Disk> disks = Objects.requireNonNullElse(vm.spec().disks(), List.of());
    for (int i = 0; i < disks.size(); i++) {
      Disk disk = disks.get(i);
      String path = "spec.disks[" + i + "].source";
      if (disk.source() == null) {
        continue;
      }
      image(disk.source().imageRef(), vm.namespace(), path + ".imageRef");
      HostResourceRef ref = disk.source().hostResourceRef();
      if (ref != null) {
        resource(ref, vm.namespace(), path + ".hostResourceRef");
        readOnly(disk, ref, i);
      }
    }
    new DiskConflicts(inventory, out).check(vm);
  }

  private void readOnly(Disk disk, HostResourceRef ref, int index) {
    boolean writes = DiskConflicts.writes(disk);
    boolean refused =
        inventory
            .resource(ref)
            .filter(r -> r.spec().access() == HostResourceSpec.Access.ReadOnly)
            .isPresent();
    out.errorIf(
        writes && refused,
        "spec.disks[" + index + "].access",
        "HostResource " + ref.name() + " is ReadOnly; set access: ReadOnly");
  }

  private void firmware(Known<VirtualMachineSpec> vm) {
    Firmware firmware = vm.spec().firmware();
    if (firmware == null) {
      return;
    }
    file(firmware.loaderRef(), vm.namespace(), "spec.firmware.loaderRef");
    if (firmware.kernel() != null) {
      String path = "spec.firmware.kernel";
      file(firmware.kernel().kernelRef(), vm.namespace(), path + ".kernelRef");
      file(firmware.kernel().initrdRef(), vm.namespace(), path + ".initrdRef");
    }
  }

  private void file(@Nullable FileRef ref, String from, String path) {
    if (ref == null) {
      return;
    }
    image(ref.imageRef(), from, path + ".imageRef");
    if (ref.hostResourceRef() != null) {
      resource(ref.hostResourceRef(), from, path + ".hostResourceRef");
      boolean device =
          inventory
              .resource(ref.hostResourceRef())
              .filter(r -> r.spec().type() == HostResourceSpec.Type.BlockDevice)
              .isPresent();
      out.errorIf(
          device,
          path + ".hostResourceRef",
          "HostResource "
              + ref.hostResourceRef().name()
              + " is a BlockDevice; name a File, or a Directory and a path");
    }
  }

  private void image(@Nullable ObjectRef ref, String from, String path) {
    if (ref == null) {
      return;
    }
    inventory
        .image(ref, from)
        .filter(i -> !allows(i.spec().allowedNamespaces(), i.namespace(), from))
        .ifPresent(i -> out.error(path, refusal("VmImage", i, from)));
  }

  private static boolean allows(@Nullable AllowedNamespaces rule, String owner, String user) {
    return AllowedNamespaces.allows(rule, AllowedNamespaces.From.Same, owner, user);
  }

  private static String refusal(String kind, Known<?> owner, String user) {
    return kind
        + " "
        + owner.label()
        + " may not be used from namespace "
        + user
        + "; its owner can set allowedNamespaces: {from: All}";
  }

  private void resource(HostResourceRef ref, String from, String path) {
    inventory
        .resource(ref)
        .ifPresent(
            r -> {
              AllowedNamespaces rule = r.spec().allowedNamespaces();
              boolean allowed = rule == null || rule.from() == AllowedNamespaces.From.All;
              out.errorIf(!allowed, path, refusal("HostResource", r, from));
              boolean directory = r.spec().type() == HostResourceSpec.Type.Directory;
              out.errorIf(
                  directory && ref.path() == null,
                  path + ".path",
                  "HostResource " + r.name() + " is a Directory; say which file in it");
              out.errorIf(
                  !directory && ref.path() != null,
                  path + ".path",
                  "HostResource " + r.name() + " is no Directory; leave path out");
            });
  }

  private void interfaces(Known<VirtualMachineSpec> vm) {
    List<Interface> interfaces = Objects.requireNonNullElse(vm.spec().interfaces(), List.of());
    for (int i = 0; i < interfaces.size(); i++) {
      Interface nic = interfaces.get(i);
      String path = "spec.interfaces[" + i + "]";
      mac(vm, nic, path + ".mac");
      inventory
          .network(nic.networkRef(), vm.namespace())
          .ifPresent(
              network -> {
                out.errorIf(
                    !networkAllows(network, vm.namespace()),
                    path + ".networkRef",
                    refusal("VmNetwork", network, vm.namespace()));
                NetworkPlaces.fixed(vm, nic, network, inventory, path + ".ips", out);
              });
    }
  }

  /** The installation's own network is for all, unless it says otherwise. */
  private boolean networkAllows(Known<VmNetworkSpec> network, String user) {
    AllowedNamespaces.From fallback =
        network.is(inventory.installationNamespace(), Inventory.DEFAULT_NETWORK)
            ? AllowedNamespaces.From.All
            : AllowedNamespaces.From.Same;
    return AllowedNamespaces.allows(
        network.spec().allowedNamespaces(), fallback, network.namespace(), user);
  }

  private void mac(Known<VirtualMachineSpec> vm, Interface nic, String path) {
    if (nic.mac() == null) {
      return;
    }
    for (Known<VirtualMachineSpec> other : inventory.machines()) {
      boolean taken =
          Objects.requireNonNullElse(other.spec().interfaces(), List.<Interface>of()).stream()
              .anyMatch(n -> nic.mac().equals(n.mac()));
      out.errorIf(
          taken && !other.sameAs(vm),
          path,
          "VirtualMachine " + other.label() + " has the same; give each its own, or leave it out");
    }
  }
}
