package dev.lodge.operator.status;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lodge.api.common.Condition;
import dev.lodge.domain.ownership.OwnershipRecord;
import dev.lodge.domain.ownership.Slot;
import dev.lodge.operator.network.Addresses.InterfaceAddress;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Changes the operator's own members in the tree of a VM's status, and no other: what an agent or a
 * later version wrote stays as it is.
 */
public final class StatusTree {
  private final ObjectNode status;
  private final long generation;
  private final InstantSource clock;

  /**
   * @param status changed in place
   * @param generation of the spec that the writer looked at
   */
  public StatusTree(ObjectNode status, long generation, InstantSource clock) {
    this.status = status;
    this.generation = generation;
    this.clock = clock;
  }

  /** The ownership record, all of it. */
  public void record(OwnershipRecord r) {
    text("nodeName", r.nodeName());
    number(status, "epoch", r.epoch());
    text("claimedBy", r.claimedBy() == null ? null : r.claimedBy().name());
    if (r.claimBootGeneration() == 0) {
      status.remove("claimBootGeneration");
    } else {
      number(status, "claimBootGeneration", r.claimBootGeneration());
    }
    text("claimNonce", r.claimNonce());
    if (r.released()) {
      status.put("released", true);
    } else {
      status.remove("released");
    }
    text("claimedDisks", r.claimedDisks());
    if (r.migration() == null) {
      status.remove("migration");
    }
  }

  /** The one slot that holds the VM's place; null: none. Slots of other roles stay. */
  public void runSlot(@Nullable Slot slot) {
    ArrayNode slots = array("slots");
    for (int i = slots.size() - 1; i >= 0; i--) {
      if (slots.get(i).path("role").asText().equals("Run")) {
        slots.remove(i);
      }
    }
    if (slot != null) {
      ObjectNode s = slots.addObject();
      s.put("name", slot.name()).put("uid", slot.uid()).put("role", "Run");
      if (slot.node() != null) {
        s.put("nodeName", slot.node());
      }
      if (slot.leaving()) {
        s.put("leaving", true);
      }
    }
    if (slots.isEmpty()) {
      status.remove("slots");
    }
  }

  /** Name, MAC, network and address of each interface; what else is known of it stays. */
  public void interfaces(List<InterfaceAddress> addresses) {
    ArrayNode before = array("interfaces");
    ArrayNode now = JsonNodeFactory.instance.arrayNode();
    for (InterfaceAddress a : addresses) {
      ObjectNode i = named(before, a.name());
      i.put("name", a.name()).put("mac", a.mac()).put("network", a.network());
      i.putArray("ips").add(a.ip());
      i.put("source", "Given");
      now.add(i);
    }
    if (now.isEmpty()) {
      status.remove("interfaces");
    } else {
      status.set("interfaces", now);
    }
  }

  private static ObjectNode named(ArrayNode list, String name) {
    for (JsonNode n : list) {
      if (n instanceof ObjectNode o && o.path("name").asText().equals(name)) {
        return o;
      }
    }
    return JsonNodeFactory.instance.objectNode();
  }

  public void phase(String phase) {
    status.put("phase", phase);
  }

  /** Sets a condition; its time changes with its status only. */
  public void condition(String type, Condition.Status value, String reason, String message) {
    ArrayNode conditions = array("conditions");
    ObjectNode c = null;
    for (JsonNode n : conditions) {
      if (n instanceof ObjectNode o && o.path("type").asText().equals(type)) {
        c = o;
      }
    }
    if (c == null) {
      c = conditions.addObject();
      c.put("type", type);
    }
    if (!c.path("status").asText().equals(value.name()) || !c.has("lastTransitionTime")) {
      c.put("lastTransitionTime", clock.instant().truncatedTo(ChronoUnit.SECONDS).toString());
    }
    c.put("status", value.name()).put("reason", reason).put("message", message);
    number(c, "observedGeneration", generation);
  }

  /** Takes a condition out that says nothing any more. */
  public void noCondition(String type) {
    ArrayNode conditions = array("conditions");
    for (int i = conditions.size() - 1; i >= 0; i--) {
      if (conditions.get(i).path("type").asText().equals(type)) {
        conditions.remove(i);
      }
    }
    if (conditions.isEmpty()) {
      status.remove("conditions");
    }
  }

  /** As a reader makes it: a small number is another node than the same one as a long. */
  private static void number(ObjectNode in, String name, long value) {
    if (value == (int) value) {
      in.put(name, (int) value);
    } else {
      in.put(name, value);
    }
  }

  private ArrayNode array(String name) {
    return status.get(name) instanceof ArrayNode a ? a : status.putArray(name);
  }

  private void text(String name, @Nullable String value) {
    if (value == null) {
      status.remove(name);
    } else {
      status.put(name, value);
    }
  }
}
