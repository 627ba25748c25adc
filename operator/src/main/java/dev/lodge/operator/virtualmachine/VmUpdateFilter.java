package dev.lodge.operator.virtualmachine;

import dev.lodge.api.common.Condition;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachine;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineConditions;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineStatus;
import dev.lodge.domain.ownership.OwnershipRecord;
import io.javaoperatorsdk.operator.processing.event.source.filter.OnUpdateFilter;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Which changes of a VM are looked at: of spec and wish, and of the members of the status that the
 * protocol rests on. What else agents write, a thousand addresses and conditions, wakes nobody.
 */
public final class VmUpdateFilter implements OnUpdateFilter<VirtualMachine> {

  @Override
  public boolean accept(VirtualMachine now, VirtualMachine before) {
    return !Objects.equals(now.getMetadata().getGeneration(), before.getMetadata().getGeneration())
        || !Objects.equals(
            now.getMetadata().getDeletionTimestamp(), before.getMetadata().getDeletionTimestamp())
        || !Objects.equals(now.getMetadata().getUid(), before.getMetadata().getUid())
        || Finalizers.has(before) && !Finalizers.has(now)
        || !record(now).equals(record(before))
        || !Objects.equals(slots(now), slots(before))
        || Wishes.ended(now.getStatus()) != Wishes.ended(before.getStatus())
        || nodeUnknown(now) != nodeUnknown(before)
        || !Objects.equals(requests(now), requests(before));
  }

  private static OwnershipRecord record(VirtualMachine vm) {
    return vm.getStatus() == null ? OwnershipRecord.NONE : OwnershipRecord.of(vm.getStatus());
  }

  private static @Nullable Object slots(VirtualMachine vm) {
    return vm.getStatus() == null ? null : vm.getStatus().slots();
  }

  private static @Nullable Object requests(VirtualMachine vm) {
    VirtualMachineStatus s = vm.getStatus();
    return s == null ? null : s.requests();
  }

  private static boolean nodeUnknown(VirtualMachine vm) {
    Condition c = Wishes.condition(vm.getStatus(), VirtualMachineConditions.READY);
    return c != null && c.status() == Condition.Status.Unknown;
  }
}
