package dev.lodge.agent.store;

/** A change of one object. */
public record StoreEvent(Type type, StoredObject object) {
  /** Kubernetes' words. */
  public enum Type {
    ADDED,
    MODIFIED,
    DELETED
  }
}
