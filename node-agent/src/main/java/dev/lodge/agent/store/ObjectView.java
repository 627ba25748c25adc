package dev.lodge.agent.store;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lodge.api.ResourceKind;
import java.util.List;

/** Records as the objects that the API serves. */
final class ObjectView {
  /** Tells which manifest an object came from. */
  static final String MANIFEST_ANNOTATION = "lodge.dev/manifest";

  /** Stands on objects that are cleaned up before they go. */
  static final String FINALIZER = "lodge.dev/agent";

  private final List<ResourceKind> finalized;

  /**
   * @param finalized kinds whose objects stay, deleting, until somebody has cleaned up
   */
  ObjectView(List<ResourceKind> finalized) {
    this.finalized = List.copyOf(finalized);
  }

  boolean finalized(ResourceKind kind) {
    return finalized.contains(kind);
  }

  StoredObject of(ObjectRecord r) {
    ObjectNode tree = JsonNodeFactory.instance.objectNode();
    tree.put("apiVersion", ResourceKind.API_VERSION);
    tree.put("kind", r.key().kind().name());
    tree.set("metadata", metadata(r));
    tree.set("spec", r.effectiveSpec());
    if (r.status() != null) {
      tree.set("status", r.status());
    }
    return new StoredObject(
        r.key().kind(),
        r.key().namespace(),
        r.key().name(),
        r.uid(),
        r.resourceVersion(),
        r.generation(),
        r.deleting(),
        r.file(),
        r.ownFile(),
        tree);
  }

  private ObjectNode metadata(ObjectRecord r) {
    JsonNode written = r.content().path("metadata");
    ObjectNode m = JsonNodeFactory.instance.objectNode();
    m.put("name", r.key().name());
    if (!r.key().namespace().isEmpty()) {
      m.put("namespace", r.key().namespace());
    }
    m.put("uid", r.uid());
    m.put("resourceVersion", Long.toString(r.resourceVersion()));
    m.put("generation", r.generation());
    m.put("creationTimestamp", r.created());
    if (r.deleted() != null) {
      m.put("deletionTimestamp", r.deleted());
      m.put("deletionGracePeriodSeconds", 0);
    }
    if (written.path("labels") instanceof ObjectNode labels) {
      m.set("labels", labels);
    }
    ObjectNode annotations = JsonNodeFactory.instance.objectNode();
    if (written.path("annotations") instanceof ObjectNode others) {
      annotations.setAll(others);
    }
    if (r.file() != null) {
      annotations.put(MANIFEST_ANNOTATION, r.file());
    }
    if (!annotations.isEmpty()) {
      m.set("annotations", annotations);
    }
    if (finalized.contains(r.key().kind())) {
      m.putArray("finalizers").add(FINALIZER);
    }
    return m;
  }
}
