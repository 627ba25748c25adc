package dev.lodge.agent.reconcile;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lodge.agent.store.StoredObject;
import dev.lodge.api.v1alpha1.virtualmachine.Disk;
import dev.lodge.api.v1alpha1.virtualmachine.Interface;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineSpec;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineStatus;
import dev.lodge.domain.ownership.OwnershipRecord;
import dev.lodge.manifest.LodgeJson;
import java.util.Iterator;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Typed views of a VM's JSON tree. A status is changed in the tree, member by member, so that
 * members that this version does not know survive.
 */
final class VmTree {
  private static final ObjectMapper JSON = LodgeJson.mapper();

  private VmTree() {}

  static VirtualMachineSpec spec(StoredObject vm) {
    return JSON.convertValue(vm.spec(), VirtualMachineSpec.class);
  }

  static VirtualMachineStatus status(StoredObject vm) {
    return status(vm.status());
  }

  static VirtualMachineStatus status(JsonNode status) {
    return status instanceof ObjectNode o && !o.isEmpty()
        ? JSON.convertValue(o, VirtualMachineStatus.class)
        : VirtualMachineStatus.empty();
  }

  /** The status of {@code vm} with another ownership record. */
  static ObjectNode withOwnership(StoredObject vm, OwnershipRecord r) {
    ObjectNode s = vm.status() instanceof ObjectNode o ? o.deepCopy() : vm.tree().objectNode();
    put(s, "nodeName", r.nodeName());
    s.put("epoch", r.epoch());
    put(s, "claimedBy", r.claimedBy() == null ? null : r.claimedBy().name());
    put(s, "claimNonce", r.claimedBy() == null ? null : r.claimNonce());
    if (r.claimedBy() == null) {
      s.remove("claimBootGeneration");
    } else {
      s.put("claimBootGeneration", r.claimBootGeneration());
    }
    s.put("released", r.released());
    put(s, "claimedDisks", r.claimedDisks());
    OwnershipRecord.Migration m = r.migration();
    if (m == null) {
      s.remove("migration");
    } else {
      ObjectNode migration = s.putObject("migration");
      migration.put("targetNode", m.targetNode());
      if (m.accepted()) {
        migration.put("accepted", true);
        migration.put("targetBootGeneration", m.targetBootGeneration());
      }
    }
    return s;
  }

  private static void put(ObjectNode status, String member, @Nullable String value) {
    if (value == null) {
      status.remove(member);
    } else {
      status.put(member, value);
    }
  }

  /**
   * Sets the members that {@code wanted} has in {@code tree}, and takes off those it knows but
   * lacks.
   */
  static ObjectNode overlay(ObjectNode tree, VirtualMachineStatus wanted) {
    ObjectNode known = JSON.valueToTree(wanted);
    for (var component : VirtualMachineStatus.class.getRecordComponents()) {
      if (!known.has(component.getName())) {
        tree.remove(component.getName());
      }
    }
    for (Iterator<Map.Entry<String, JsonNode>> i = known.fields(); i.hasNext(); ) {
      Map.Entry<String, JsonNode> member = i.next();
      tree.set(member.getKey(), member.getValue());
    }
    return tree;
  }

  /** {@code spec} with the source of one of its disks as {@code wanted} has it. */
  static VirtualMachineSpec withSource(VirtualMachineSpec spec, Disk wanted) {
    return withMember(spec, "disks", wanted.name(), "source", JSON.valueToTree(wanted.source()));
  }

  /** {@code spec} with the link state of one of its interfaces as {@code wanted} has it. */
  static VirtualMachineSpec withLinkState(VirtualMachineSpec spec, Interface wanted) {
    return withMember(
        spec, "interfaces", wanted.name(), "linkState", JSON.valueToTree(wanted.linkState()));
  }

  private static VirtualMachineSpec withMember(
      VirtualMachineSpec spec, String list, String name, String member, JsonNode value) {
    ObjectNode tree = JSON.valueToTree(spec);
    for (JsonNode item : tree.path(list)) {
      if (item.path("name").asText().equals(name) && item instanceof ObjectNode o) {
        if (value.isNull()) {
          o.remove(member);
        } else {
          o.set(member, value);
        }
      }
    }
    return JSON.convertValue(tree, VirtualMachineSpec.class);
  }
}
