package dev.lodge.operator.status;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lodge.api.ResourceKind;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineStatus;
import dev.lodge.domain.ownership.OwnershipRecord;
import dev.lodge.operator.client.ApiClient;
import dev.lodge.operator.client.ApiPath;
import dev.lodge.operator.client.Reply;
import java.time.InstantSource;
import java.util.function.Consumer;

/**
 * The one place of the operator that writes a VM's status: read live, compare with what was decided
 * on, change the own members in the tree, put it back under the version that was read. Nothing is
 * repeated: after a conflict or a lost reply the next pass reads and decides anew.
 */
public final class VmStatusWriter {
  private final ApiClient api;
  private final InstantSource clock;

  public VmStatusWriter(ApiClient api, InstantSource clock) {
    this.api = api;
    this.clock = clock;
  }

  /**
   * What a change was decided on.
   *
   * @param generation of the spec
   * @param record who may run the VM
   */
  public record Decided(
      String namespace,
      String name,
      String uid,
      long generation,
      boolean deleting,
      OwnershipRecord record) {}

  /** What came of a change. */
  public enum Outcome {
    /** Written, or there already. */
    APPLIED,
    /** What it was decided on is no longer so, or the object changed meanwhile. */
    CONFLICT,
    /** The VM is gone. */
    GONE,
    /** The API server refuses it; a later try will not help by itself. */
    REJECTED,
    /** It may or may not be written. */
    UNKNOWN
  }

  /** The outcome and, for people, why. */
  public record Written(Outcome outcome, String why) {}

  /** Changes a status by compare-and-swap; writes nothing where nothing changes. */
  public Written write(Decided on, Consumer<StatusTree> change) {
    String path = ApiPath.of(ResourceKind.VirtualMachine, on.namespace(), on.name());
    Reply live = api.get(path);
    if (!(live instanceof Reply.Done d) || !(d.object() instanceof ObjectNode vm)) {
      return failed(live);
    }
    JsonNode metadata = vm.path("metadata");
    if (!metadata.path("uid").asText().equals(on.uid())) {
      return new Written(Outcome.GONE, "another VM of this name is there");
    }
    ObjectNode status =
        vm.get("status") instanceof ObjectNode s ? s : JsonNodeFactory.instance.objectNode();
    if (metadata.path("generation").asLong() != on.generation()
        || metadata.has("deletionTimestamp") != on.deleting()
        || !record(status).equals(on.record())) {
      return new Written(Outcome.CONFLICT, "the VM changed since it was looked at");
    }
    JsonNode before = status.deepCopy();
    change.accept(new StatusTree(status, on.generation(), clock));
    if (status.equals(before)) {
      return new Written(Outcome.APPLIED, "");
    }
    ObjectNode body = JsonNodeFactory.instance.objectNode();
    body.put("apiVersion", ResourceKind.API_VERSION)
        .put("kind", ResourceKind.VirtualMachine.name());
    body.putObject("metadata")
        .put("namespace", on.namespace())
        .put("name", on.name())
        .put("uid", on.uid())
        .put("resourceVersion", metadata.path("resourceVersion").asText());
    body.set("status", status);
    Reply reply = api.replace(path + "/status", body);
    return reply instanceof Reply.Done ? new Written(Outcome.APPLIED, "") : failed(reply);
  }

  private OwnershipRecord record(ObjectNode status) {
    return OwnershipRecord.of(api.read(status, VirtualMachineStatus.class));
  }

  private static Written failed(Reply reply) {
    return switch (reply) {
      case Reply.Done _ -> new Written(Outcome.UNKNOWN, "the answer is no object");
      case Reply.Conflict c -> new Written(Outcome.CONFLICT, c.message());
      case Reply.Exists _ -> new Written(Outcome.CONFLICT, "exists");
      case Reply.NotFound _ -> new Written(Outcome.GONE, "the VM is gone");
      case Reply.Refused r -> new Written(Outcome.REJECTED, r.message());
      case Reply.Unknown u -> new Written(Outcome.UNKNOWN, u.message());
    };
  }
}
