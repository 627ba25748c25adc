package dev.lodge.agent.hostfile;

import dev.lodge.agent.store.ObjectKey;
import dev.lodge.agent.store.StoredObject;
import java.util.Optional;

/** Where references are looked up: {@code ObjectStore::get}. */
@FunctionalInterface
public interface Objects {
  Optional<StoredObject> get(ObjectKey key);
}
