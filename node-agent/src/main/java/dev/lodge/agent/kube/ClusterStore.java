package dev.lodge.agent.kube;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lodge.agent.store.NodeStore;
import dev.lodge.agent.store.ObjectKey;
import dev.lodge.agent.store.StatusWrite;
import dev.lodge.agent.store.StoreEvent;
import dev.lodge.agent.store.StoredObject;
import dev.lodge.api.ResourceKind;
import dev.lodge.manifest.LodgeJson;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/**
 * What a node's agent knows of a cluster: the VMs that are its own or on their way to it, and what
 * VMs refer to. docs/design/cluster-agent.md tells how it follows them and what it takes for true.
 *
 * <p>Its memory is for finding out that there is something to do; whoever decides about a guest
 * reads live ({@link #read}) and writes by compare-and-swap.
 */
public final class ClusterStore implements NodeStore, AutoCloseable {
  /** An object that changes faster than this is tried again with the next pass. */
  private static final int MOST_SWAPS = 5;

  private final KubeApi api;
  private final Seen seen = new Seen();
  private final List<Reflector> reflectors = new ArrayList<>();

  /**
   * @param node this node's name
   */
  public ClusterStore(KubeApi api, String node) {
    this(api, node, Reflector.Times.DEFAULT);
  }

  ClusterStore(KubeApi api, String node, Reflector.Times times) {
    this.api = api;
    // Selectors have no OR.
    follow(ResourceKind.VirtualMachine, "status.nodeName=" + node, times);
    follow(ResourceKind.VirtualMachine, "status.migration.targetNode=" + node, times);
    follow(ResourceKind.VmNetwork, "", times);
    follow(ResourceKind.VmImage, "", times);
    follow(ResourceKind.HostResource, "", times);
    follow(ResourceKind.VmHost, "metadata.name=" + node, times);
  }

  private void follow(ResourceKind kind, String selector, Reflector.Times times) {
    reflectors.add(new Reflector(api, kind, selector, seen.sink(), times));
  }

  /** Begins to follow; listeners that are there already miss nothing. */
  public void start() {
    reflectors.forEach(Reflector::start);
  }

  /** Whether everything was seen once. */
  public boolean complete() {
    return seen.complete();
  }

  @Override
  public Listing list(ResourceKind kind) {
    return seen.list(kind);
  }

  @Override
  public Optional<StoredObject> get(ObjectKey key) {
    return seen.get(key);
  }

  @Override
  public Live read(ObjectKey key) {
    return switch (api.get(KubeApi.path(key.kind(), key.namespace(), key.name()))) {
      case Answer.Done d -> {
        StoredObject now = KubeObjects.of(key.kind(), d.body());
        seen.refresh(now);
        yield new Live.Found(now);
      }
      case Answer.Refused r -> {
        yield absent(r, key) ? new Live.Absent() : new Live.Unreachable(r.message());
      }
      case Answer.Unknown u -> new Live.Unreachable(u.why());
    };
  }

  /** A 404 without the object's name is that of a server that does not know the kind. */
  private static boolean absent(Answer.Refused r, ObjectKey key) {
    return r.code() == 404 && r.reason().equals("NotFound") && r.name().equals(key.name());
  }

  @Override
  public StatusWrite writeStatus(
      ObjectKey key, String uid, long resourceVersion, ObjectNode status) {
    if (resourceVersion == 0) {
      return switch (read(key)) {
        case Live.Found f when f.object().uid().equals(uid) ->
            put(key, uid, f.object().resourceVersion(), status);
        case Live.Found _, Live.Absent _ -> new StatusWrite.Gone();
        case Live.Unreachable u -> new StatusWrite.Failed(u.why());
      };
    }
    return put(key, uid, resourceVersion, status);
  }

  private StatusWrite put(ObjectKey key, String uid, long resourceVersion, ObjectNode status) {
    ObjectNode body = LodgeJson.mapper().createObjectNode();
    body.put("apiVersion", ResourceKind.API_VERSION).put("kind", key.kind().name());
    ObjectNode metadata = body.putObject("metadata");
    metadata.put("name", key.name());
    if (key.kind().namespaced()) {
      metadata.put("namespace", key.namespace());
    }
    metadata.put("uid", uid).put("resourceVersion", Long.toUnsignedString(resourceVersion));
    body.set("status", status);
    String path = KubeApi.path(key.kind(), key.namespace(), key.name()) + "/status";
    seen.writes(key);
    StoredObject now = null;
    Answer answer;
    try {
      answer = api.put(path, body);
      if (answer instanceof Answer.Done d) {
        now = KubeObjects.of(key.kind(), d.body());
      }
    } finally {
      seen.written(key, now);
    }
    return switch (answer) {
      case Answer.Done d -> new StatusWrite.Applied(KubeObjects.of(key.kind(), d.body()));
      case Answer.Refused r when r.code() == 409 -> new StatusWrite.Conflict();
      case Answer.Refused r when absent(r, key) -> new StatusWrite.Gone();
      case Answer.Refused r -> new StatusWrite.Failed(r.message());
      case Answer.Unknown u -> new StatusWrite.Unknown(u.why());
    };
  }

  @Override
  public StatusWrite changeStatus(ObjectKey key, String uid, UnaryOperator<ObjectNode> change) {
    Live now =
        get(key)
            .filter(o -> o.uid().equals(uid))
            .<Live>map(Live.Found::new)
            .orElseGet(() -> read(key));
    StatusWrite last = new StatusWrite.Conflict();
    for (int swaps = 0; swaps < MOST_SWAPS; swaps++) {
      switch (now) {
        case Live.Unreachable u -> {
          return last instanceof StatusWrite.Conflict ? new StatusWrite.Failed(u.why()) : last;
        }
        case Live.Absent _ -> {
          return new StatusWrite.Gone();
        }
        case Live.Found f -> {
          if (!f.object().uid().equals(uid)) {
            return new StatusWrite.Gone();
          }
          ObjectNode before =
              f.object().status() instanceof ObjectNode s
                  ? s
                  : LodgeJson.mapper().createObjectNode();
          ObjectNode after = canonical(change.apply(before.deepCopy()));
          if (after.equals(before)) {
            return new StatusWrite.Applied(f.object());
          }
          if (last instanceof StatusWrite.Unknown) {
            // Not written twice on suspicion; the next pass sees what came of it.
            return last;
          }
          last = put(key, uid, f.object().resourceVersion(), after);
          if (!(last instanceof StatusWrite.Conflict || last instanceof StatusWrite.Unknown)) {
            return last;
          }
        }
      }
      now = read(key);
    }
    return last;
  }

  /** As it comes back from the server: one sort of number, no nulls. */
  private static ObjectNode canonical(ObjectNode tree) {
    try {
      return (ObjectNode) LodgeJson.mapper().readTree(LodgeJson.mapper().writeValueAsBytes(tree));
    } catch (IOException e) {
      throw new IllegalArgumentException(e);
    }
  }

  /** The operator takes its finalizer once the status says that the VM was let go. */
  @Override
  public void finish(ObjectKey key, String uid) {}

  /** Tells of what is there at once too: a list and its watch cannot miss each other. */
  @Override
  public Subscription watch(ResourceKind kind, long version, Consumer<StoreEvent> listener) {
    return seen.listen(kind, version, listener);
  }

  @Override
  public void close() {
    reflectors.forEach(Reflector::close);
  }
}
