package dev.lodge.agent.store;

import dev.lodge.agent.store.NodeStore.Listing;
import dev.lodge.agent.store.NodeStore.Subscription;
import dev.lodge.agent.store.ObjectTable.Entry;
import dev.lodge.agent.store.RecordFiles.Damaged;
import dev.lodge.api.ResourceKind;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Objects with UIDs, versions and states, in a directory of their own: {@code STATE/objects}. Where
 * the wishes come from is not known here.
 */
public final class DurableObjects implements AutoCloseable {
  private final StateLock lock;
  private final RecordFiles files;
  private final ObjectTable table;
  private final WatchLog log;
  private final Commits commits;
  private final Map<Path, Damaged> damaged = new ConcurrentSkipListMap<>();

  private DurableObjects(
      StateLock lock, RecordFiles files, ObjectTable table, WatchLog log, Commits commits) {
    this.lock = lock;
    this.files = files;
    this.table = table;
    this.log = log;
    this.commits = commits;
  }

  /**
   * Opens the state, and keeps other agents out of it.
   *
   * @param manifests where the files of the records are
   * @param finalized kinds whose objects stay, deleting, until somebody has cleaned up
   * @param remembered how many changes a watch may lag behind
   * @throws StoreException Unwritable: another agent has it, or it cannot be read and written
   */
  public static DurableObjects open(
      Path state, Path manifests, List<ResourceKind> finalized, int remembered) {
    StateLock lock = null;
    try {
      DurableFiles.makeDirectory(state);
      lock = StateLock.take(state);
      RecordFiles files = RecordFiles.open(state.resolve("objects"));
      RecordFiles.Loaded loaded = files.load();
      ObjectView view = new ObjectView(finalized, manifests);
      long highest = 0;
      List<Entry> entries = new ArrayList<>();
      for (ObjectRecord r : loaded.records()) {
        highest = Math.max(highest, r.resourceVersion());
        entries.add(new Entry(r, view.of(r)));
      }
      VersionCounter versions =
          VersionCounter.open(
              state.resolve("objects").resolve("version"),
              highest,
              !entries.isEmpty() || !loaded.damaged().isEmpty());
      WatchLog log = new WatchLog(remembered, versions.last());
      ObjectTable table = new ObjectTable(entries, versions.last(), log);
      Commits commits = new Commits(files, versions, view, table);
      DurableObjects objects = new DurableObjects(lock, files, table, log, commits);
      loaded.damaged().forEach(d -> objects.damaged.put(d.file(), d));
      return objects;
    } catch (IOException e) {
      if (lock != null) {
        lock.close();
      }
      throw Commits.unwritable(e);
    }
  }

  /** All objects of a kind at one version, by namespace and name. */
  public Listing list(ResourceKind kind) {
    return table.list(kind);
  }

  /** An object as it is served. */
  public Optional<StoredObject> get(ObjectKey key) {
    return table.get(key);
  }

  /** An object as it is kept. */
  public @Nullable ObjectRecord record(ObjectKey key) {
    Entry e = table.entry(key);
    return e == null ? null : e.record();
  }

  /** Whether any object fits. */
  public boolean any(Predicate<ObjectRecord> test) {
    return table.any(test);
  }

  /**
   * Changes objects; durable when it returns.
   *
   * @throws StoreException refused by the transaction; or Unwritable
   */
  public <T> T run(Commits.Transaction<T> transaction) {
    return commits.run(transaction);
  }

  /** As {@link ObjectStore#watch}. */
  public Subscription watch(ResourceKind kind, long after, Consumer<StoreEvent> listener) {
    return table.watch(kind, after, listener);
  }

  /** Runs something on the thread of the watches. */
  public void tell(Runnable task) {
    log.execute(task);
  }

  /** Whether the record of an object is there and cannot be read, so that its name is reserved. */
  public boolean reserved(ObjectKey key) {
    return !damaged.isEmpty() && damaged.containsKey(files.file(key));
  }

  /** Records that cannot be read, as people should see it. */
  public List<FileProblem> damaged() {
    List<FileProblem> problems = new ArrayList<>();
    for (Damaged d : damaged.values()) {
      ObjectKey key = RecordFiles.key(d.file());
      problems.add(
          new FileProblem(
              FileProblem.Severity.ERROR,
              d.file().toString(),
              "the state of "
                  + key
                  + " cannot be read: "
                  + d.why()
                  + ". It is left alone, because a guest of it may run under a UID that only this"
                  + " file knows. Put a good copy of the file back; or, if no such guest runs,"
                  + " remove the file: then it is made anew",
              List.of(key)));
    }
    return problems;
  }

  /** Tries damaged records again; true if some were mended or removed. */
  public boolean retryDamaged() {
    boolean changed = false;
    for (Damaged d : List.copyOf(damaged.values())) {
      try {
        files
            .retry(d)
            .ifPresent(
                r ->
                    run(
                        draft -> {
                          draft.put(r);
                          return r;
                        }));
        damaged.remove(d.file());
        changed = true;
      } catch (IOException | StoreException e) {
        // Still damaged; the problem stays as it was told.
      }
    }
    return changed;
  }

  /** Ends watches and writes, and lets another agent in. */
  @Override
  public void close() {
    commits.close();
    log.close();
    lock.close();
  }
}
