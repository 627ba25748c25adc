package dev.lodge.domain.ownership;

import dev.lodge.api.v1alpha1.hostresource.HostResourceSpec;
import dev.lodge.api.v1alpha1.hostresource.HostResourceSpec.Scope;
import dev.lodge.api.v1alpha1.virtualmachine.Disk;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineSpec;
import dev.lodge.domain.ownership.ClaimedDisks.Nameable;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The disks of a VM that another VM could name and that this one writes, in the order of the spec:
 * the one reading of a spec that operator and agent share.
 */
public final class NameableDisks {
  private NameableDisks() {}

  /**
   * @param resources the host resources by name; null: there is none, and such a disk is left out
   * @param node whose paths count; empty: not known yet
   */
  public static List<Nameable> of(
      VirtualMachineSpec spec,
      Function<String, @Nullable HostResourceSpec> resources,
      String node) {
    var found = new ArrayList<Nameable>();
    for (Disk d : Objects.requireNonNullElse(spec.disks(), List.<Disk>of())) {
      if (d.source() == null || !writes(d)) {
        continue;
      }
      if (d.source().claimRef() != null) {
        found.add(new Nameable(d.name(), "pvc/" + d.source().claimRef().name(), shared(d)));
      } else if (d.source().hostResourceRef() != null) {
        var ref = d.source().hostResourceRef();
        HostResourceSpec r = resources.apply(ref.name());
        if (r != null && r.access() != HostResourceSpec.Access.ReadOnly) {
          found.add(new Nameable(d.name(), source(ref.name(), ref.path(), r, node), shared(d)));
        }
      }
    }
    return found;
  }

  private static String source(
      String resource, @Nullable String path, HostResourceSpec r, String node) {
    Scope scope = Objects.requireNonNullElse(r.scope(), Scope.Node);
    return "hr/" + resource + "/" + scope + "/" + r.pathOn(node) + "/" + (path == null ? "" : path);
  }

  /** Whether the guest may write the disk. */
  public static boolean writes(Disk d) {
    return d.access() != Disk.Access.ReadOnly && d.device() != Disk.Device.CDROM;
  }

  /** Whether guests share the disk, as its user says. */
  public static boolean shared(Disk d) {
    return d.access() == Disk.Access.Shared;
  }
}
