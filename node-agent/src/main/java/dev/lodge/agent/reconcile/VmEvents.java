package dev.lodge.agent.reconcile;

import dev.lodge.agent.store.StoredObject;

/** Events of a VM, for people: what {@code describe} shows. */
public interface VmEvents {
  /** Something went as it should. */
  void normal(StoredObject vm, String reason, String message);

  /** Something that somebody should look at. */
  void warning(StoredObject vm, String reason, String message);
}
