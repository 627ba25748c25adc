package dev.lodge.domain.validation;

import dev.lodge.api.common.AllowedNamespaces;
import dev.lodge.api.v1alpha1.hostresource.HostResourceSpec;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineSpec;
import dev.lodge.api.v1alpha1.vmimage.VmImageSpec;
import dev.lodge.api.v1alpha1.vmnetwork.VmNetworkSpec;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The rules for one object by itself: those of the CRDs in CEL, word for word, and those that CEL
 * cannot state (time zones, order of addresses, text that must go into XML). The specs have passed
 * the schema: what it requires is there and within its bounds.
 */
public final class Validator {
  private Validator() {}

  public static List<FieldProblem> validate(VirtualMachineSpec spec) {
    var out = new Findings();
    MachineRules.check(spec, out);
    return out.all();
  }

  public static List<FieldProblem> validate(VmNetworkSpec spec) {
    var out = new Findings();
    NetworkRules.check(spec, out);
    namespaces(spec.allowedNamespaces(), out);
    return out.all();
  }

  public static List<FieldProblem> validate(VmImageSpec spec) {
    var out = new Findings();
    ImageRules.check(spec, out);
    namespaces(spec.allowedNamespaces(), out);
    return out.all();
  }

  public static List<FieldProblem> validate(HostResourceSpec spec) {
    var out = new Findings();
    out.errorIf(
        Paths.climbs(spec.path()), "spec.path", "must not contain '..'; write the path itself");
    List<HostResourceSpec.PathOnHost> perHost =
        Objects.requireNonNullElse(spec.perHost(), List.of());
    for (int i = 0; i < perHost.size(); i++) {
      out.errorIf(
          Paths.climbs(perHost.get(i).path()),
          "spec.perHost[" + i + "].path",
          "must not contain '..'; write the path itself");
    }
    namespaces(spec.allowedNamespaces(), out);
    return out.all();
  }

  private static void namespaces(@Nullable AllowedNamespaces rule, Findings out) {
    out.errorIf(
        rule != null
            && (rule.selector() != null) != (rule.from() == AllowedNamespaces.From.Selector),
        "spec.allowedNamespaces.selector",
        "belongs to from: Selector, and is needed there");
  }

  /** What of a change is refused: fields that are IMMUTABLE, and sources of disks once made. */
  public static List<FieldProblem> validateUpdate(
      VirtualMachineSpec before, VirtualMachineSpec after) {
    var out = new Findings();
    new Immutability(out, "make a new VM").compare("spec", before, after);
    DiskRules.update(before, after, out);
    return out.all();
  }

  /** What of a change is refused. */
  public static List<FieldProblem> validateUpdate(VmImageSpec before, VmImageSpec after) {
    var out = new Findings();
    new Immutability(out, "make a new VmImage under another name").compare("spec", before, after);
    return out.all();
  }
}
