package dev.lodge.operator.virtualmachine;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lodge.api.ResourceKind;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachine;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineStatus;
import dev.lodge.domain.ownership.OwnershipRecord;
import dev.lodge.operator.client.ApiClient;
import dev.lodge.operator.client.ApiPath;
import dev.lodge.operator.client.Reply;
import java.util.ArrayList;
import java.util.List;

/** The finalizer that keeps a VM's object for as long as its guest may run. */
final class Finalizers {
  static final String VM = "lodge.dev/vm";

  private final ApiClient api;

  Finalizers(ApiClient api) {
    this.api = api;
  }

  static boolean has(VirtualMachine vm) {
    return vm.getMetadata().getFinalizers() != null
        && vm.getMetadata().getFinalizers().contains(VM);
  }

  /** Adds it, if the object is still as it was read. */
  Reply add(VirtualMachine vm) {
    var all = new ArrayList<String>();
    if (vm.getMetadata().getFinalizers() != null) {
      all.addAll(vm.getMetadata().getFinalizers());
    }
    all.add(VM);
    return write(vm, vm.getMetadata().getResourceVersion(), all);
  }

  /** Takes it off, if the record is still that which says that nothing runs. */
  Reply remove(VirtualMachine vm, OwnershipRecord record) {
    Reply live = api.get(path(vm));
    if (!(live instanceof Reply.Done d)) {
      return live;
    }
    JsonNode metadata = d.object().path("metadata");
    if (!metadata.path("uid").asText().equals(vm.getMetadata().getUid())) {
      return new Reply.NotFound();
    }
    JsonNode status = d.object().path("status");
    OwnershipRecord now =
        status instanceof ObjectNode
            ? OwnershipRecord.of(api.read(status, VirtualMachineStatus.class))
            : OwnershipRecord.NONE;
    if (!now.equals(record)) {
      return new Reply.Conflict("the record changed");
    }
    var others = new ArrayList<String>();
    metadata.path("finalizers").forEach(f -> others.add(f.asText()));
    others.remove(VM);
    return write(vm, metadata.path("resourceVersion").asText(), others);
  }

  private Reply write(VirtualMachine vm, String resourceVersion, List<String> finalizers) {
    ObjectNode patch = JsonNodeFactory.instance.objectNode();
    ObjectNode metadata = patch.putObject("metadata");
    metadata.put("uid", vm.getMetadata().getUid()).put("resourceVersion", resourceVersion);
    if (finalizers.isEmpty()) {
      metadata.putNull("finalizers");
    } else {
      finalizers.forEach(metadata.putArray("finalizers")::add);
    }
    return api.merge(path(vm), patch);
  }

  private static String path(VirtualMachine vm) {
    return ApiPath.of(
        ResourceKind.VirtualMachine, vm.getMetadata().getNamespace(), vm.getMetadata().getName());
  }
}
