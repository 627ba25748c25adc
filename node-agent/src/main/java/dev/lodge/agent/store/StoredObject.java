package dev.lodge.agent.store;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lodge.api.ResourceKind;
import org.jspecify.annotations.Nullable;

/**
 * An object at one version. The tree is what the API serves (apiVersion, kind, metadata, spec,
 * status); nobody changes it: a new version is a new object.
 *
 * @param namespace empty for cluster-scoped kinds
 * @param resourceVersion rises over all objects of the store with every change
 * @param generation rises with every change of the spec
 * @param deleting a deletionTimestamp is set: stop, clean up, then {@link ObjectStore#finish}
 * @param file the path of the manifest that it came from; null once that is gone
 * @param ownFile Lodge wrote that file and may write it again; else edits go to the file by hand
 */
public record StoredObject(
    ResourceKind kind,
    String namespace,
    String name,
    String uid,
    long resourceVersion,
    long generation,
    boolean deleting,
    @Nullable String file,
    boolean ownFile,
    ObjectNode tree) {

  /** Kind, namespace and name. */
  public ObjectKey key() {
    return new ObjectKey(kind, namespace, name);
  }

  /** {@code spec}, never null. */
  public JsonNode spec() {
    return tree.path("spec");
  }

  /** {@code status}; a missing node if there is none yet. */
  public JsonNode status() {
    return tree.path("status");
  }
}
