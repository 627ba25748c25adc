package dev.lodge.operator.needs;

import dev.lodge.api.v1alpha1.virtualmachine.CloudInit;
import dev.lodge.api.v1alpha1.virtualmachine.Disk;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachine;
import dev.lodge.domain.plan.SpecDefaults;
import dev.lodge.operator.slot.SlotVolume;
import java.util.ArrayList;
import java.util.List;

/** From a VM's spec and what it names to what it needs. */
public final class NeedsResolver {
  private final Installation installation;

  public NeedsResolver(Installation installation) {
    this.installation = installation;
  }

  /** All that the VM needs, with every problem that stands in the way. */
  public Needs resolve(VirtualMachine vm, Lookup lookup) {
    var disks = new DiskNeeds(vm.getMetadata().getNamespace(), lookup);
    for (Disk d : SpecDefaults.disks(vm.getSpec())) {
      disks.add(d);
    }
    if (vm.getSpec().firmware() != null) {
      disks.add(vm.getSpec().firmware());
    }
    var volumes = new ArrayList<>(disks.volumes);
    volumes.addAll(cloudInit(vm.getSpec().cloudInit()));
    var problems = new ArrayList<>(disks.problems);
    List<NetworkNeed> networks = new NetworkNeeds(installation, lookup).of(vm, problems);
    return new Needs(problems, volumes, networks, disks.locks, disks.localDisk);
  }

  private static List<SlotVolume> cloudInit(@org.jspecify.annotations.Nullable CloudInit c) {
    if (c == null) {
      return List.of();
    }
    if (c.userDataSecretRef() != null) {
      return List.of(new SlotVolume.CloudInitSecret(c.userDataSecretRef().name()));
    }
    return c.userDataConfigMapRef() == null
        ? List.of()
        : List.of(new SlotVolume.CloudInitConfigMap(c.userDataConfigMapRef().name()));
  }
}
