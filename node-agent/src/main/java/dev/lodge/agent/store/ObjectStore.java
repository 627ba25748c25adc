package dev.lodge.agent.store;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * The objects of an agent that works alone. The directory of manifests is the source of wishes;
 * this adds what a directory lacks: UIDs made once and kept, versions, compare-and-swap of state,
 * watches. What its methods return is durable when they return.
 */
public interface ObjectStore extends NodeStore {

  /**
   * Creates an object by writing a manifest of our own into the directory.
   *
   * @param manifest checked already; metadata that only the store sets is ignored
   * @throws StoreException AlreadyExists; or the directory cannot be written
   */
  StoredObject create(ObjectNode manifest);

  /**
   * Replaces spec, labels and annotations of an object, by rewriting its manifest.
   *
   * @param resourceVersion what the caller read; 0: whatever is there
   * @throws StoreException NotFound, Conflict, or Refused: the file was made by hand ("edit FILE")
   */
  StoredObject replace(ObjectNode manifest, long resourceVersion);

  /**
   * Says what {@link #create} or {@link #replace} would refuse now, and writes nothing: for a dry
   * run.
   *
   * @throws StoreException as those do
   */
  void tryOut(ObjectNode manifest);

  /**
   * Asks for an object to go: its manifest is removed if it is our own, and it is {@link
   * StoredObject#deleting} until {@link #finish}.
   *
   * @throws StoreException NotFound, or Refused: the file was made by hand ("remove FILE")
   */
  StoredObject delete(ObjectKey key);

  /** The directory beside the agent is never old. */
  @Override
  default Live read(ObjectKey key) {
    return get(key).<Live>map(Live.Found::new).orElseGet(Live.Absent::new);
  }

  @Override
  default StatusWrite changeStatus(ObjectKey key, String uid, UnaryOperator<ObjectNode> change) {
    while (true) {
      Optional<StoredObject> now = get(key);
      if (now.isEmpty() || !now.get().uid().equals(uid)) {
        return new StatusWrite.Gone();
      }
      ObjectNode before =
          now.get().status() instanceof ObjectNode s ? s.deepCopy() : now.get().tree().objectNode();
      ObjectNode after = change.apply(before);
      StatusWrite result = writeStatus(key, uid, now.get().resourceVersion(), after);
      if (!(result instanceof StatusWrite.Conflict)) {
        return result;
      }
    }
  }

  /**
   * Keeps a start or stop of an object whose file was made by hand: it overrides {@code
   * spec.powerState} until that file's own powerState changes.
   */
  StoredObject overridePowerState(ObjectKey key, String powerState);
}
