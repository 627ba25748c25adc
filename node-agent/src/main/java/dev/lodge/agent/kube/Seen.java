package dev.lodge.agent.kube;

import dev.lodge.agent.log.Log;
import dev.lodge.agent.store.NodeStore;
import dev.lodge.agent.store.ObjectKey;
import dev.lodge.agent.store.StoreEvent;
import dev.lodge.agent.store.StoredObject;
import dev.lodge.api.ResourceKind;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The newest version of every object that some reflector has in its selection. An object leaves
 * when the last selection lets go of it. Listeners are told in the order of what they are told, by
 * whoever saw it.
 */
final class Seen {
  private final Map<ObjectKey, StoredObject> objects = new LinkedHashMap<>();

  /** Which version of an object was told last, and which one we wrote ourselves. */
  private final Map<ObjectKey, Versions> versions = new LinkedHashMap<>();

  private final List<Selection> selections = new ArrayList<>();
  private final List<Listener> listeners = new ArrayList<>();

  /**
   * Events that wait for the end of an own write: the watch may tell of it before its answer is
   * there.
   */
  private final Map<ObjectKey, List<Runnable>> writing = new LinkedHashMap<>();

  private record Versions(String uid, long told, long own) {}

  private record Listener(ResourceKind kind, Consumer<StoreEvent> to) {}

  /** What one reflector has. */
  private final class Selection implements Reflector.Sink {
    private final Set<ObjectKey> members = new LinkedHashSet<>();
    private boolean listed;

    @Override
    public void listed(Map<ObjectKey, StoredObject> all) {
      synchronized (Seen.this) {
        listed = true;
        for (ObjectKey key : List.copyOf(members)) {
          if (!all.containsKey(key)) {
            leave(this, key, null);
          }
        }
        // Another's change may hide behind an own one that came later.
        all.values().forEach(o -> enter(this, o, true));
      }
    }

    @Override
    public void changed(StoreEvent.Type type, StoredObject object) {
      synchronized (Seen.this) {
        List<Runnable> held = writing.get(object.key());
        if (held != null) {
          held.add(() -> take(type, object));
        } else {
          take(type, object);
        }
      }
    }

    private void take(StoreEvent.Type type, StoredObject object) {
      if (type == StoreEvent.Type.DELETED) {
        leave(this, object.key(), object);
      } else {
        enter(this, object, false);
      }
    }
  }

  /** A place for what one more reflector sees. */
  synchronized Reflector.Sink sink() {
    var selection = new Selection();
    selections.add(selection);
    return selection;
  }

  private void enter(Selection selection, StoredObject object, boolean tellOwn) {
    ObjectKey key = object.key();
    selection.members.add(key);
    StoredObject known = objects.get(key);
    Versions before = versionsOf(object);
    if (object.resourceVersion() <= before.told()) {
      return;
    }
    versions.put(key, new Versions(object.uid(), object.resourceVersion(), before.own()));
    boolean older =
        known != null
            && known.uid().equals(object.uid())
            && known.resourceVersion() >= object.resourceVersion();
    StoredObject newest = known != null && older ? known : object;
    objects.put(key, newest);
    if (tellOwn || object.resourceVersion() != before.own()) {
      tell(known == null ? StoreEvent.Type.ADDED : StoreEvent.Type.MODIFIED, newest);
    }
  }

  private Versions versionsOf(StoredObject object) {
    Versions known = versions.get(object.key());
    return known != null && known.uid().equals(object.uid())
        ? known
        : new Versions(object.uid(), 0, 0);
  }

  private void leave(Selection selection, ObjectKey key, @Nullable StoredObject last) {
    selection.members.remove(key);
    if (selections.stream().anyMatch(s -> s.members.contains(key))) {
      return;
    }
    StoredObject known = objects.remove(key);
    versions.remove(key);
    StoredObject told = last == null ? known : last;
    if (told != null) {
      tell(StoreEvent.Type.DELETED, told);
    }
  }

  private void tell(StoreEvent.Type type, StoredObject object) {
    for (Listener l : listeners) {
      if (l.kind() == object.kind()) {
        try {
          l.to().accept(new StoreEvent(type, object));
        } catch (RuntimeException e) {
          // One that is at fault keeps nobody else deaf.
          Log.fault("store", e);
        }
      }
    }
  }

  /** What a live read gave; the watch tells of it in its turn. */
  synchronized void refresh(StoredObject object) {
    StoredObject known = objects.get(object.key());
    if (known != null
        && known.uid().equals(object.uid())
        && known.resourceVersion() < object.resourceVersion()) {
      objects.put(object.key(), object);
    }
  }

  /** An own write begins; those of one object come one after another. */
  synchronized void writes(ObjectKey key) {
    writing.putIfAbsent(key, new ArrayList<>());
  }

  /**
   * It has ended.
   *
   * @param written what it gave, of which nobody is told; null: nothing, or nobody knows
   */
  synchronized void written(ObjectKey key, @Nullable StoredObject written) {
    if (written != null && objects.containsKey(key)) {
      refresh(written);
      Versions before = versionsOf(written);
      versions.put(key, new Versions(written.uid(), before.told(), written.resourceVersion()));
    }
    List<Runnable> held = writing.remove(key);
    if (held != null) {
      held.forEach(Runnable::run);
    }
  }

  synchronized boolean complete() {
    return selections.stream().allMatch(s -> s.listed);
  }

  synchronized NodeStore.Listing list(ResourceKind kind) {
    List<StoredObject> items = objects.values().stream().filter(o -> o.kind() == kind).toList();
    long version = items.stream().mapToLong(StoredObject::resourceVersion).max().orElse(0);
    return new NodeStore.Listing(version, items);
  }

  synchronized Optional<StoredObject> get(ObjectKey key) {
    return Optional.ofNullable(objects.get(key));
  }

  synchronized NodeStore.Subscription listen(
      ResourceKind kind, long version, Consumer<StoreEvent> to) {
    var listener = new Listener(kind, to);
    for (StoredObject o : list(kind).items()) {
      if (o.resourceVersion() > version) {
        to.accept(new StoreEvent(StoreEvent.Type.ADDED, o));
      }
    }
    listeners.add(listener);
    return () -> forget(listener);
  }

  private synchronized void forget(Listener listener) {
    listeners.remove(listener);
  }
}
