package dev.lodge.agent.store;

import dev.lodge.agent.store.ObjectTable.Entry;
import dev.lodge.agent.store.ObjectTable.Published;
import dev.lodge.agent.store.StoreEvent.Type;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Changes that are planned and not yet durable, and the objects as they would then be. */
public final class Draft {
  private final Map<ObjectKey, Entry> base;
  private final VersionCounter versions;
  private final ObjectView view;
  private final List<Published> changes = new ArrayList<>();
  private @Nullable Map<ObjectKey, Entry> after;

  Draft(Map<ObjectKey, Entry> base, VersionCounter versions, ObjectView view) {
    this.base = base;
    this.versions = versions;
    this.view = view;
  }

  /** The object, if there is one. */
  public @Nullable ObjectRecord get(ObjectKey key) {
    Entry e = now().get(key);
    return e == null ? null : e.record();
  }

  /** The object as it is served. */
  public @Nullable StoredObject object(ObjectKey key) {
    Entry e = now().get(key);
    return e == null ? null : e.object();
  }

  /** All records; a copy. */
  public List<ObjectRecord> records() {
    List<ObjectRecord> records = new ArrayList<>(now().size());
    for (Entry e : now().values()) {
      records.add(e.record());
    }
    return records;
  }

  /** All objects as they are served; a copy. */
  public Collection<StoredObject> objects() {
    List<StoredObject> objects = new ArrayList<>(now().size());
    for (Entry e : now().values()) {
      objects.add(e.object());
    }
    return objects;
  }

  /** Stores a record, under a new version. */
  public StoredObject put(ObjectRecord record) {
    ObjectRecord versioned = record.withVersion(nextVersion());
    Type type = now().containsKey(record.key()) ? Type.MODIFIED : Type.ADDED;
    return add(new Published(type, new Entry(versioned, view.of(versioned))));
  }

  /** Removes an object; the answer is what it was, under a new version. */
  public StoredObject remove(ObjectRecord record) {
    ObjectRecord versioned = record.withVersion(nextVersion());
    return add(new Published(Type.DELETED, new Entry(versioned, view.of(versioned))));
  }

  /**
   * Begins the deletion of an object; those that need no cleaning up are gone at once.
   *
   * @param now RFC 3339
   */
  public StoredObject delete(ObjectRecord record, String now) {
    ObjectRecord deleted = record.withDeleted(now);
    return view.finalized(record.key().kind()) ? put(deleted) : remove(deleted);
  }

  /** A record as it would be served, unstored. */
  public StoredObject view(ObjectRecord record) {
    return view.of(record);
  }

  List<Published> changes() {
    return changes;
  }

  int mark() {
    return changes.size();
  }

  /** Forgets what was planned after a mark. */
  void rollback(int mark) {
    if (changes.size() > mark) {
      changes.subList(mark, changes.size()).clear();
      after = null;
    }
  }

  private StoredObject add(Published change) {
    changes.add(change);
    if (after != null) {
      apply(after, change);
    }
    return change.entry().object();
  }

  private Map<ObjectKey, Entry> now() {
    if (after == null) {
      if (changes.isEmpty()) {
        return base;
      }
      Map<ObjectKey, Entry> copy = new LinkedHashMap<>(base);
      for (Published p : changes) {
        apply(copy, p);
      }
      after = copy;
    }
    return after;
  }

  private static void apply(Map<ObjectKey, Entry> entries, Published p) {
    switch (p.type()) {
      case ADDED, MODIFIED -> entries.put(p.entry().record().key(), p.entry());
      case DELETED -> entries.remove(p.entry().record().key());
    }
  }

  private long nextVersion() {
    try {
      return versions.next();
    } catch (IOException e) {
      throw Commits.unwritable(e);
    }
  }
}
