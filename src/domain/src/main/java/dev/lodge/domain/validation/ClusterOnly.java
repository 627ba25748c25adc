package dev.lodge.domain.validation;

import dev.lodge.api.v1alpha1.virtualmachine.CloudInit;
import dev.lodge.api.v1alpha1.virtualmachine.Disk;
import dev.lodge.api.v1alpha1.virtualmachine.DiskSource;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineSpec;
import dev.lodge.api.v1alpha1.vmimage.VmImageSpec;
import java.util.List;
import java.util.Objects;

/** What of a manifest needs a cluster: an agent that works alone refuses it, with the mend. */
public final class ClusterOnly {
  private ClusterOnly() {}

  /** Fields that name something that only a cluster has. */
  public static List<FieldProblem> check(VirtualMachineSpec spec) {
    var out = new Findings();
    List<Disk> disks = Objects.requireNonNullElse(spec.disks(), List.of());
    for (int i = 0; i < disks.size(); i++) {
      DiskSource source = disks.get(i).source();
      out.errorIf(
          source != null && source.claimRef() != null,
          "spec.disks[" + i + "].source.claimRef",
          "PersistentVolumeClaims exist only in a cluster; on one machine use hostResourceRef, imageRef or blank");
    }
    CloudInit seed = spec.cloudInit();
    if (seed != null) {
      out.errorIf(
          seed.userDataSecretRef() != null,
          "spec.cloudInit.userDataSecretRef",
          "Secrets exist only in a cluster; on one machine use userData");
      out.errorIf(
          seed.userDataConfigMapRef() != null,
          "spec.cloudInit.userDataConfigMapRef",
          "ConfigMaps exist only in a cluster; on one machine use userData");
    }
    return out.all();
  }

  /** A source that only a cluster can fetch. */
  public static List<FieldProblem> check(VmImageSpec spec) {
    var out = new Findings();
    out.errorIf(
        spec.source().registry() != null,
        "spec.source.registry",
        "images of a registry are pulled by the kubelet, so only in a cluster; on one machine use http or hostResourceRef");
    return out.all();
  }
}
