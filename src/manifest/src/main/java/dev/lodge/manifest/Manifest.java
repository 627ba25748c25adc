package dev.lodge.manifest;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lodge.api.ResourceKind;

/**
 * An object as somebody wrote it, checked: apiVersion, kind, metadata (name, namespace, labels,
 * annotations) and spec, and nothing else.
 *
 * @param namespace {@code default} if the manifest names none; empty for cluster-scoped kinds
 * @param tree the object as JSON; its metadata carries the namespace too
 * @param file where it was read, for messages
 * @param positions where its fields stand in that file
 */
public record Manifest(
    ResourceKind kind,
    String namespace,
    String name,
    ObjectNode tree,
    String file,
    Positions positions) {

  /** The spec as a record of {@code dev.lodge.api}, e.g. VirtualMachineSpec. */
  public <T> T spec(Class<T> type) {
    return LodgeJson.spec(tree, type);
  }

  /** Kind, namespace and name, for people. */
  public String label() {
    return label(kind.name(), namespace, name);
  }

  static String label(String kind, String namespace, String name) {
    return kind + " " + (namespace.isEmpty() ? name : namespace + "/" + name);
  }
}
