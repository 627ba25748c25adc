package dev.lodge.agent.reconcile;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lodge.agent.store.StoredObject;
import dev.lodge.api.v1alpha1.virtualmachine.Disk;
import dev.lodge.api.v1alpha1.virtualmachine.Interface;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineConditions;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineSpec;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineStatus;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineStatus.InterfaceStatus;
import dev.lodge.domain.ownership.OwnershipRecord;
import dev.lodge.manifest.LodgeJson;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
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

  /** Members that a pass never writes: the ownership record, and what the operator says. */
  private static final Set<String> OTHERS =
      new LinkedHashSet<>(
          List.of(
              "nodeName",
              "epoch",
              "claimedBy",
              "claimBootGeneration",
              "claimNonce",
              "released",
              "claimedDisks",
              "migration",
              "slots"));

  /** Conditions that a pass writes; all others are somebody else's. */
  private static final Set<String> OWN_CONDITIONS =
      new LinkedHashSet<>(
          List.of(
              VirtualMachineConditions.READY,
              VirtualMachineConditions.IMAGES_READY,
              VirtualMachineConditions.NETWORKS_READY,
              VirtualMachineConditions.ACCELERATED,
              VirtualMachineConditions.RESTART_REQUIRED));

  /**
   * Sets the members of a pass that {@code wanted} has in {@code tree}, and takes off those it
   * lacks. Members of others stay, and so do members that nobody here knows.
   */
  static ObjectNode overlay(ObjectNode tree, VirtualMachineStatus wanted) {
    ObjectNode known = JSON.valueToTree(wanted);
    for (var component : VirtualMachineStatus.class.getRecordComponents()) {
      String name = component.getName();
      JsonNode value = known.get(name);
      if (OTHERS.contains(name)) {
        continue;
      }
      if (name.equals("conditions")) {
        value = conditions(tree.path(name), known.path(name));
      } else if (name.equals("interfaces") && value != null) {
        value = merged(tree.path(name), value, InterfaceStatus.class);
      }
      if (value == null) {
        tree.remove(name);
      } else {
        tree.set(name, value);
      }
    }
    return tree;
  }

  /** In their old order; null: none. */
  private static @Nullable JsonNode conditions(JsonNode before, JsonNode wanted) {
    Map<String, JsonNode> own = new LinkedHashMap<>();
    wanted.forEach(c -> own.put(c.path("type").asText(), c));
    ArrayNode all = JSON.createArrayNode();
    for (JsonNode c : before) {
      String type = c.path("type").asText();
      JsonNode now = own.remove(type);
      if (now != null) {
        all.add(now);
      } else if (!OWN_CONDITIONS.contains(type)) {
        all.add(c);
      }
    }
    own.values().forEach(all::add);
    return all.isEmpty() ? null : all;
  }

  /** Items by name; members of an item that this version does not know stay. */
  private static JsonNode merged(JsonNode before, JsonNode wanted, Class<?> type) {
    ArrayNode all = JSON.createArrayNode();
    for (JsonNode item : wanted) {
      ObjectNode now = JSON.createObjectNode();
      for (JsonNode old : before) {
        if (old.path("name").equals(item.path("name")) && old instanceof ObjectNode o) {
          now.setAll(o);
        }
      }
      for (var component : type.getRecordComponents()) {
        now.remove(component.getName());
      }
      now.setAll((ObjectNode) item);
      all.add(now);
    }
    return all;
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
