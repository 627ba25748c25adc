package dev.lodge.agent.apiserver;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lodge.agent.store.ObjectKey;
import dev.lodge.agent.store.ObjectStore;
import dev.lodge.agent.store.StatusWrite;
import dev.lodge.agent.store.StoreEvent;
import dev.lodge.agent.store.StoreException;
import dev.lodge.agent.store.StoredObject;
import dev.lodge.api.ResourceKind;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The store's contract over a map; what it keeps is gone with it. */
final class InMemoryObjectStore implements ObjectStore {
  private record Watcher(ResourceKind kind, Consumer<StoreEvent> listener) {}

  private final Map<ObjectKey, StoredObject> objects = new LinkedHashMap<>();
  private final List<StoreEvent> history = new ArrayList<>();
  private final List<Watcher> watchers = new CopyOnWriteArrayList<>();
  private long version = 100;
  private long expiredUntil;

  @Override
  public synchronized Listing list(ResourceKind kind) {
    return new Listing(version, objects.values().stream().filter(o -> o.kind() == kind).toList());
  }

  @Override
  public synchronized Optional<StoredObject> get(ObjectKey key) {
    return Optional.ofNullable(objects.get(key));
  }

  @Override
  public synchronized StoredObject create(ObjectNode manifest) {
    return add(manifest, "/manifests/own.yaml", true);
  }

  /** An object of a file that somebody made by hand. */
  synchronized StoredObject handMade(ObjectNode manifest, String file) {
    return add(manifest, file, false);
  }

  private StoredObject add(ObjectNode manifest, @Nullable String file, boolean own) {
    ObjectKey key = key(manifest);
    if (objects.containsKey(key)) {
      throw new StoreException(StoreException.Reason.AlreadyExists, key + " already exists");
    }
    ObjectNode tree = manifest.deepCopy();
    String uid = UUID.randomUUID().toString();
    tree.withObjectProperty("metadata")
        .put("uid", uid)
        .put("creationTimestamp", Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
    return put(StoreEvent.Type.ADDED, key, uid, 1, false, file, own, tree);
  }

  @Override
  public synchronized StoredObject replace(ObjectNode manifest, long resourceVersion) {
    ObjectKey key = key(manifest);
    StoredObject now = require(key);
    if (resourceVersion != 0 && resourceVersion != now.resourceVersion()) {
      throw new StoreException(StoreException.Reason.Conflict, key + " has changed");
    }
    if (!now.ownFile()) {
      throw new StoreException(StoreException.Reason.Refused, "edit " + now.file());
    }
    ObjectNode tree = now.tree().deepCopy();
    boolean changed = !tree.path("spec").equals(manifest.path("spec"));
    tree.set("spec", manifest.path("spec"));
    for (String map : List.of("labels", "annotations")) {
      JsonNode value = manifest.path("metadata").path(map);
      if (value.isEmpty()) {
        tree.withObjectProperty("metadata").remove(map);
      } else {
        tree.withObjectProperty("metadata").set(map, value);
      }
    }
    return put(
        StoreEvent.Type.MODIFIED,
        key,
        now.uid(),
        now.generation() + (changed ? 1 : 0),
        now.deleting(),
        now.file(),
        true,
        tree);
  }

  @Override
  public void tryOut(ObjectNode manifest) {}

  @Override
  public synchronized StoredObject delete(ObjectKey key) {
    StoredObject now = require(key);
    if (!now.ownFile() && now.file() != null) {
      throw new StoreException(StoreException.Reason.Refused, "remove " + now.file());
    }
    ObjectNode tree = now.tree().deepCopy();
    tree.withObjectProperty("metadata")
        .put("deletionTimestamp", Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
    return put(
        StoreEvent.Type.MODIFIED,
        key,
        now.uid(),
        now.generation(),
        true,
        null,
        now.ownFile(),
        tree);
  }

  @Override
  public synchronized void finish(ObjectKey key, String uid) {
    StoredObject now = objects.get(key);
    if (now != null && now.uid().equals(uid)) {
      objects.remove(key);
      version++;
      ObjectNode last = now.tree().deepCopy();
      last.withObjectProperty("metadata").put("resourceVersion", Long.toString(version));
      tell(
          new StoreEvent(
              StoreEvent.Type.DELETED,
              new StoredObject(
                  now.kind(),
                  now.namespace(),
                  now.name(),
                  uid,
                  version,
                  now.generation(),
                  true,
                  now.file(),
                  now.ownFile(),
                  last)));
    }
  }

  @Override
  public synchronized StatusWrite writeStatus(
      ObjectKey key, String uid, long resourceVersion, ObjectNode status) {
    StoredObject now = objects.get(key);
    if (now == null || !now.uid().equals(uid)) {
      return new StatusWrite.Gone();
    }
    if (resourceVersion != 0 && resourceVersion != now.resourceVersion()) {
      return new StatusWrite.Conflict();
    }
    ObjectNode tree = now.tree().deepCopy();
    tree.set("status", status);
    return new StatusWrite.Applied(
        put(
            StoreEvent.Type.MODIFIED,
            key,
            uid,
            now.generation(),
            now.deleting(),
            now.file(),
            now.ownFile(),
            tree));
  }

  @Override
  public synchronized StoredObject overridePowerState(ObjectKey key, String powerState) {
    StoredObject now = require(key);
    ObjectNode tree = now.tree().deepCopy();
    tree.withObjectProperty("spec").put("powerState", powerState);
    return put(
        StoreEvent.Type.MODIFIED,
        key,
        now.uid(),
        now.generation() + 1,
        now.deleting(),
        now.file(),
        now.ownFile(),
        tree);
  }

  @Override
  public synchronized Subscription watch(
      ResourceKind kind, long from, Consumer<StoreEvent> listener) {
    if (from < expiredUntil) {
      throw new StoreException(StoreException.Reason.Expired, "too old resource version: " + from);
    }
    history.stream()
        .filter(e -> e.object().kind() == kind && e.object().resourceVersion() > from)
        .forEach(listener);
    Watcher watcher = new Watcher(kind, listener);
    watchers.add(watcher);
    return () -> watchers.remove(watcher);
  }

  /** Forgets all changes so far, as a store does after a while. */
  synchronized void expire() {
    expiredUntil = version;
  }

  int watchers() {
    return watchers.size();
  }

  private StoredObject require(ObjectKey key) {
    StoredObject now = objects.get(key);
    if (now == null) {
      throw new StoreException(StoreException.Reason.NotFound, key + " not found");
    }
    return now;
  }

  private StoredObject put(
      StoreEvent.Type type,
      ObjectKey key,
      String uid,
      long generation,
      boolean deleting,
      @Nullable String file,
      boolean own,
      ObjectNode tree) {
    version++;
    tree.withObjectProperty("metadata")
        .put("resourceVersion", Long.toString(version))
        .put("generation", generation);
    // As the directory's store does: a finalizer, and where the object is from.
    tree.withObjectProperty("metadata").putArray("finalizers").add("lodge.dev/agent");
    if (file != null) {
      tree.withObjectProperty("metadata")
          .withObjectProperty("annotations")
          .put("lodge.dev/manifest", file);
    }
    StoredObject stored =
        new StoredObject(
            key.kind(),
            key.namespace(),
            key.name(),
            uid,
            version,
            generation,
            deleting,
            file,
            own,
            tree);
    objects.put(key, stored);
    tell(new StoreEvent(type, stored));
    return stored;
  }

  private void tell(StoreEvent event) {
    history.add(event);
    for (Watcher w : watchers) {
      if (w.kind() == event.object().kind()) {
        w.listener().accept(event);
      }
    }
  }

  private static ObjectKey key(ObjectNode manifest) {
    return new ObjectKey(
        ResourceKind.byName(manifest.path("kind").asText()).orElseThrow(),
        manifest.path("metadata").path("namespace").asText(),
        manifest.path("metadata").path("name").asText());
  }
}
