package dev.lodge.agent.store;

import dev.lodge.api.ResourceKind;

/** What names an object; the namespace is empty for cluster-scoped kinds. */
public record ObjectKey(ResourceKind kind, String namespace, String name) {
  @Override
  public String toString() {
    return kind + " " + (namespace.isEmpty() ? name : namespace + "/" + name);
  }
}
