package dev.lodge.agent.store;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lodge.api.ResourceKind;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/**
 * PORT: the objects of a node's agent, wherever they are kept: in a directory beside it or behind
 * an API server. What an agent alone has beyond it is {@link ObjectStore}. All methods may be
 * called from any thread.
 */
public interface NodeStore {

  /** All objects of a kind that this node knows, as seen last. */
  Listing list(ResourceKind kind);

  /** An object as seen last; what it says may be old. */
  Optional<StoredObject> get(ObjectKey key);

  /** An object as it is now, for decisions of the ownership protocol (R2): never from a cache. */
  Live read(ObjectKey key);

  /**
   * Compare-and-swap of the status. Never repeated by itself.
   *
   * @param resourceVersion what the caller read; 0: whatever is there, but the UID must match
   */
  StatusWrite writeStatus(ObjectKey key, String uid, long resourceVersion, ObjectNode status);

  /**
   * Reads, changes and swaps the status until it fits; {@code change} may run more than once and
   * gets a copy. No change keeps the version and writes nothing.
   */
  StatusWrite changeStatus(ObjectKey key, String uid, UnaryOperator<ObjectNode> change);

  /**
   * This node has cleaned up behind an object that is {@link StoredObject#deleting}. Nothing
   * happens if it has another UID.
   */
  void finish(ObjectKey key, String uid);

  /**
   * Tells of every change after {@code version}, in order, on the store's own thread; the listener
   * must not block.
   *
   * @throws StoreException Expired: the version is too old to go on from; list again
   */
  Subscription watch(ResourceKind kind, long version, Consumer<StoreEvent> listener);

  /** What a live read gave. */
  sealed interface Live {
    record Found(StoredObject object) implements Live {}

    /** There is certainly no such object. */
    record Absent() implements Live {}

    /** Nobody knows: whoever keeps the objects cannot be reached. */
    record Unreachable(String why) implements Live {}
  }

  /** Objects at one version. */
  record Listing(long version, List<StoredObject> items) {}

  /** Ends a watch. */
  interface Subscription extends AutoCloseable {
    @Override
    void close();
  }
}
