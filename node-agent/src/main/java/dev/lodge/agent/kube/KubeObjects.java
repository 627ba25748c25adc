package dev.lodge.agent.kube;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lodge.agent.store.StoredObject;
import dev.lodge.api.ResourceKind;

/** The API server's trees as objects of the store. */
final class KubeObjects {
  private KubeObjects() {}

  /** Takes the tree over; who wrote which field is of no use here and half of the bytes. */
  static StoredObject of(ResourceKind kind, ObjectNode tree) {
    ObjectNode metadata = tree.withObjectProperty("metadata");
    metadata.remove("managedFields");
    return new StoredObject(
        kind,
        metadata.path("namespace").asText(""),
        metadata.path("name").asText(),
        metadata.path("uid").asText(),
        version(metadata.path("resourceVersion").asText()),
        metadata.path("generation").asLong(),
        metadata.path("deletionTimestamp").isTextual(),
        null,
        false,
        tree);
  }

  /** Resource versions are comparable numbers since Kubernetes 1.35. */
  static long version(String resourceVersion) {
    try {
      return Long.parseUnsignedLong(resourceVersion);
    } catch (NumberFormatException e) {
      return 0;
    }
  }
}
