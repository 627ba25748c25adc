package dev.lodge.agent.alone;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lodge.agent.store.Admission;
import dev.lodge.agent.store.ObjectKey;
import dev.lodge.agent.store.StoredObject;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineSpec;
import dev.lodge.api.v1alpha1.vmimage.VmImageSpec;
import dev.lodge.domain.validation.ClusterOnly;
import dev.lodge.domain.validation.FieldProblem;
import dev.lodge.domain.validation.Validator;
import dev.lodge.manifest.CrossCheck;
import dev.lodge.manifest.LodgeJson;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/** What a cluster's admission would say: rules about changes, and about other objects. */
final class AloneAdmission implements Admission {
  private final CrossCheck beside;

  AloneAdmission(String installationNamespace) {
    beside = new CrossCheck(installationNamespace);
  }

  @Override
  public synchronized List<Problem> check(
      ObjectKey key, ObjectNode candidate, Collection<StoredObject> existing) {
    var problems = new ArrayList<Problem>();
    existing.stream()
        .filter(o -> o.key().equals(key) && !o.deleting())
        .findFirst()
        .ifPresent(before -> add(problems, update(key, before, candidate)));
    add(problems, clusterOnly(key, candidate));
    add(problems, beside.check(candidate, existing.stream().map(StoredObject::tree).toList()));
    return problems;
  }

  private static List<FieldProblem> clusterOnly(ObjectKey key, ObjectNode candidate) {
    return switch (key.kind()) {
      case VirtualMachine ->
          ClusterOnly.check(LodgeJson.read(candidate.path("spec"), VirtualMachineSpec.class));
      case VmImage -> ClusterOnly.check(LodgeJson.read(candidate.path("spec"), VmImageSpec.class));
      case VmNetwork, HostResource, VmHost, VmAddress, VmDiskClaim -> List.of();
    };
  }

  private static void add(List<Problem> problems, List<FieldProblem> found) {
    for (FieldProblem f : found) {
      if (f.isError()) {
        problems.add(new Problem(f.path(), f.message()));
      }
    }
  }

  private static List<FieldProblem> update(ObjectKey key, StoredObject before, ObjectNode after) {
    return switch (key.kind()) {
      case VirtualMachine ->
          Validator.validateUpdate(
              LodgeJson.read(before.spec(), VirtualMachineSpec.class),
              LodgeJson.read(after.path("spec"), VirtualMachineSpec.class));
      case VmImage ->
          Validator.validateUpdate(
              LodgeJson.read(before.spec(), VmImageSpec.class),
              LodgeJson.read(after.path("spec"), VmImageSpec.class));
      case VmNetwork, HostResource, VmHost, VmAddress, VmDiskClaim -> List.of();
    };
  }
}
