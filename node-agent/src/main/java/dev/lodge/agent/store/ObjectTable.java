package dev.lodge.agent.store;

import dev.lodge.agent.store.NodeStore.Listing;
import dev.lodge.agent.store.NodeStore.Subscription;
import dev.lodge.api.ResourceKind;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What readers see: the objects at the version published last, and the changes that led there.
 * Readers never wait for a disk. Only the holder of the commit lock publishes.
 */
final class ObjectTable {
  private static final Comparator<StoredObject> ORDER =
      Comparator.comparing(StoredObject::namespace).thenComparing(StoredObject::name);

  private final Map<ObjectKey, Entry> entries = new LinkedHashMap<>();
  private final WatchLog log;
  private long version;

  /** A record, and the object that it is served as. */
  record Entry(ObjectRecord record, StoredObject object) {}

  /**
   * A change that is durable.
   *
   * @param entry the object after it; for a deletion, as it was last
   */
  record Published(StoreEvent.Type type, Entry entry) {
    long version() {
      return entry.object().resourceVersion();
    }
  }

  ObjectTable(List<Entry> first, long version, WatchLog log) {
    for (Entry e : first) {
      entries.put(e.record().key(), e);
    }
    this.version = version;
    this.log = log;
  }

  synchronized Listing list(ResourceKind kind) {
    List<StoredObject> items = new ArrayList<>();
    for (Entry e : entries.values()) {
      if (e.record().key().kind() == kind) {
        items.add(e.object());
      }
    }
    items.sort(ORDER);
    return new Listing(version, items);
  }

  synchronized Optional<StoredObject> get(ObjectKey key) {
    Entry e = entries.get(key);
    return e == null ? Optional.empty() : Optional.of(e.object());
  }

  synchronized boolean any(Predicate<ObjectRecord> test) {
    return entries.values().stream().anyMatch(e -> test.test(e.record()));
  }

  synchronized void publish(List<Published> changes) {
    for (Published p : changes) {
      switch (p.type()) {
        case ADDED, MODIFIED -> entries.put(p.entry().record().key(), p.entry());
        case DELETED -> entries.remove(p.entry().record().key());
      }
      version = p.version();
      log.append(new StoreEvent(p.type(), p.entry().object()));
    }
  }

  synchronized Subscription watch(ResourceKind kind, long after, Consumer<StoreEvent> listener) {
    if (after > version) {
      throw new StoreException(
          StoreException.Reason.Expired,
          "version " + after + " is not known here, the newest is " + version + ": list again");
    }
    return log.watch(kind, after, listener);
  }

  /** The entries for the holder of the commit lock, who alone changes them. */
  Map<ObjectKey, Entry> forCommit() {
    return Collections.unmodifiableMap(entries);
  }

  /** As {@link #get}, with the record. */
  synchronized @Nullable Entry entry(ObjectKey key) {
    return entries.get(key);
  }
}
