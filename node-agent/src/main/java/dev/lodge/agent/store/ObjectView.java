package dev.lodge.agent.store;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lodge.api.ResourceKind;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Records as the objects that the API serves. */
final class ObjectView {
  /** Tells which manifest an object came from. */
  static final String MANIFEST_ANNOTATION = "lodge.dev/manifest";

  /** Stands on objects that are cleaned up before they go. */
  static final String FINALIZER = "lodge.dev/agent";

  private final List<ResourceKind> finalized;
  private final Path manifests;

  /**
   * @param finalized kinds whose objects stay, deleting, until somebody has cleaned up
   * @param manifests where the files of the records are
   */
  ObjectView(List<ResourceKind> finalized, Path manifests) {
    this.finalized = List.copyOf(finalized);
    this.manifests = manifests;
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
        path(r),
        r.ownFile(),
        tree);
  }

  private @Nullable String path(ObjectRecord r) {
    return r.file() == null ? null : manifests.resolve(r.file()).toString();
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
    String path = path(r);
    if (path != null) {
      annotations.put(MANIFEST_ANNOTATION, path);
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
