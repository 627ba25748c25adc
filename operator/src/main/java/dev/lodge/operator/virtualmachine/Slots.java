package dev.lodge.operator.virtualmachine;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachine;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineSpec.OnDrain;
import dev.lodge.domain.ownership.AssignmentAction;
import dev.lodge.domain.ownership.OwnershipRecord;
import dev.lodge.domain.ownership.Slot;
import dev.lodge.operator.client.ApiClient;
import dev.lodge.operator.client.ApiPath;
import dev.lodge.operator.client.Reply;
import dev.lodge.operator.needs.Needs;
import dev.lodge.operator.slot.SlotNames;
import dev.lodge.operator.slot.SlotPod;
import dev.lodge.operator.slot.SlotTrim;
import dev.lodge.operator.slot.SlotView;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.Pod;
import java.util.Collection;
import org.jspecify.annotations.Nullable;

/** Slot pods, as objects of the API. */
final class Slots {
  /** The one budget of a namespace, for all VMs with onDrain Block in it. */
  static final String BUDGET = "lodge-on-drain-block";

  /**
   * More than a namespace has. The disruption controller knows {@code maxUnavailable} only of pods
   * whose owner has a scale, which a VM has not.
   */
  private static final int ALL = 1_000_000;

  /** A slot whose guest is gone for certain: one second, so that volumes are unmounted in order. */
  static final int NO_GUEST = 1;

  private final Operations ops;

  Slots(Operations ops) {
    this.ops = ops;
  }

  /** Makes the slot; one of that name that is this VM's is as good. */
  Reply create(VirtualMachine vm, AssignmentAction.CreateSlot wanted, Needs needs) {
    if (vm.getSpec().onDrain() == OnDrain.Block) {
      Reply budget = budget(vm.getMetadata().getNamespace());
      if (!(budget instanceof Reply.Done || budget instanceof Reply.Exists)) {
        return budget;
      }
    }
    String namespace = vm.getMetadata().getNamespace();
    Pod pod =
        ops.slotPod().of(vm, wanted.epoch(), needs.volumes(), wanted.pinnedTo(), wanted.avoids());
    ApiClient api = ops.api();
    Reply made = api.create(ApiPath.pods(namespace), api.tree(pod));
    if (made instanceof Reply.Exists) {
      made = adopt(vm, api.get(ApiPath.pod(namespace, pod.getMetadata().getName())));
    }
    if (made instanceof Reply.Done d) {
      remember(d.object());
    }
    return made;
  }

  private static Reply adopt(VirtualMachine vm, Reply found) {
    if (!(found instanceof Reply.Done d)) {
      return found;
    }
    JsonNode metadata = d.object().path("metadata");
    if (metadata.has("deletionTimestamp")
        && metadata.path("deletionGracePeriodSeconds").asLong() == 0) {
      return new Reply.Conflict("the slot before is about to vanish");
    }
    String uid = vm.getMetadata().getUid();
    boolean owned = false;
    for (JsonNode o : metadata.path("ownerReferences")) {
      owned |= o.path("uid").asText().equals(uid) && o.path("controller").asBoolean();
    }
    return owned && metadata.path("labels").path(SlotNames.VM_UID).asText().equals(uid)
        ? found
        : new Reply.Refused(
            409,
            "pod "
                + metadata.path("name").asText()
                + " has the name of this VM's slot and is not"
                + " the VM's; delete it");
  }

  /**
   * Whether a pod with a slot's labels is one: owned by the VM, which only the operator can write.
   */
  static boolean isSlotOf(Pod pod, String vmUid) {
    for (OwnerReference o : pod.getMetadata().getOwnerReferences()) {
      if (vmUid.equals(o.getUid()) && Boolean.TRUE.equals(o.getController())) {
        return true;
      }
    }
    return false;
  }

  /**
   * Deletes a slot.
   *
   * @param graceSeconds null: its own, in which its agent stops the guest
   */
  Reply delete(String namespace, Slot slot, @Nullable Integer graceSeconds) {
    Reply r = ops.api().delete(ApiPath.pod(namespace, slot.name()), slot.uid(), null, graceSeconds);
    if (r instanceof Reply.Done d && !gone(d)) {
      remember(d.object());
    }
    return r;
  }

  /**
   * A slot that somebody else deletes, with all of its grace, and in which no guest can be by this
   * record: nobody needs that time, and its place and volumes are held until then.
   */
  static boolean waitsForNothing(SlotView v, OwnershipRecord record) {
    boolean over =
        record.released() || record.nodeName() == null || v.slot().epoch() != record.epoch();
    return v.slot().leaving() && v.graceSeconds() > NO_GUEST && over;
  }

  /**
   * Cuts the grace of what {@link #waitsForNothing}.
   *
   * @param record read live: by an older one a slot could be cut under its guest
   * @return an answer that hinders; null: none
   */
  @Nullable Reply hurry(VirtualMachine vm, OwnershipRecord record, Collection<SlotView> slots) {
    for (SlotView v : slots) {
      if (waitsForNothing(v, record)) {
        Reply r = delete(vm.getMetadata().getNamespace(), v.slot(), NO_GUEST);
        if (!(r instanceof Reply.Done || r instanceof Reply.NotFound)) {
          return r;
        }
      }
    }
    return null;
  }

  /**
   * Whether a deletion is done: what is not bound has nothing to wait for, and may be forgotten.
   */
  static boolean gone(Reply.Done deletion) {
    JsonNode object = deletion.object();
    return !object.path("kind").asText().equals("Pod")
        || object.path("metadata").path("deletionGracePeriodSeconds").asLong() == 0;
  }

  private void remember(JsonNode pod) {
    ops.cluster().slots.wrote(SlotTrim.of(ops.api().read(pod, Pod.class)));
  }

  private Reply budget(String namespace) {
    ObjectNode budget = JsonNodeFactory.instance.objectNode();
    budget.put("apiVersion", "policy/v1").put("kind", "PodDisruptionBudget");
    budget.putObject("metadata").put("name", BUDGET).put("namespace", namespace);
    ObjectNode spec = budget.putObject("spec").put("minAvailable", ALL);
    spec.putObject("selector")
        .putObject("matchLabels")
        .put(SlotNames.ON_DRAIN, OnDrain.Block.name());
    return ops.api().create(ApiPath.disruptionBudgets(namespace), budget);
  }

  /** The label follows a change of onDrain. */
  Reply relabel(String namespace, Slot slot, String onDrain) {
    ObjectNode patch = JsonNodeFactory.instance.objectNode();
    ObjectNode metadata = patch.putObject("metadata").put("uid", slot.uid());
    metadata.putObject("labels").put(SlotNames.ON_DRAIN, onDrain);
    if (onDrain.equals(OnDrain.Block.name())) {
      Reply b = budget(namespace);
      if (!(b instanceof Reply.Done || b instanceof Reply.Exists)) {
        return b;
      }
    }
    Reply r = ops.api().merge(ApiPath.pod(namespace, slot.name()), patch);
    if (r instanceof Reply.Done d) {
      remember(d.object());
    }
    return r;
  }

  static boolean followsDrain(String label, VirtualMachine vm) {
    return label.equals(SlotPod.onDrain(vm.getSpec()));
  }
}
