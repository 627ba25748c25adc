package dev.lodge.agent.alone;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lodge.agent.store.Admission;
import dev.lodge.agent.store.ObjectKey;
import dev.lodge.agent.store.StoredObject;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineSpec;
import dev.lodge.api.v1alpha1.vmimage.VmImageSpec;
import dev.lodge.domain.validation.FieldProblem;
import dev.lodge.domain.validation.Validator;
import dev.lodge.manifest.LodgeJson;
import java.util.Collection;
import java.util.List;

/** What a cluster's admission would say: rules about changes, and about other objects. */
final class AloneAdmission implements Admission {
  @Override
  public List<Problem> check(
      ObjectKey key, ObjectNode candidate, Collection<StoredObject> existing) {
    return existing.stream()
        .filter(o -> o.key().equals(key) && !o.deleting())
        .findFirst()
        .map(before -> update(key, before, candidate))
        .orElse(List.of());
  }

  private static List<Problem> update(ObjectKey key, StoredObject before, ObjectNode after) {
    List<FieldProblem> found =
        switch (key.kind()) {
          case VirtualMachine ->
              Validator.validateUpdate(
                  LodgeJson.read(before.spec(), VirtualMachineSpec.class),
                  LodgeJson.read(after.path("spec"), VirtualMachineSpec.class));
          case VmImage ->
              Validator.validateUpdate(
                  LodgeJson.read(before.spec(), VmImageSpec.class),
                  LodgeJson.read(after.path("spec"), VmImageSpec.class));
          case VmNetwork, HostResource -> List.of();
        };
    return found.stream().map(f -> new Problem(f.path(), f.message())).toList();
  }
}
