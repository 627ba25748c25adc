package dev.lodge.agent.store;

import dev.lodge.agent.store.ObjectTable.Published;
import dev.lodge.agent.store.StoreEvent.Type;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The one way in which objects change: plan, make durable, publish. Whoever holds the lock does the
 * work of all who wait for it, so that many writers share one journal write of the file system; a
 * writer alone pays no hand-over to another thread.
 */
public final class Commits {
  private static final int BATCH = 128;

  private final RecordFiles files;
  private final VersionCounter versions;
  private final ObjectView view;
  private final ObjectTable table;
  private final ConcurrentLinkedQueue<Pending<?>> queue = new ConcurrentLinkedQueue<>();
  private final ReentrantLock lock = new ReentrantLock();
  private boolean closed;

  /** Plans changes. */
  @FunctionalInterface
  public interface Transaction<T> {
    /**
     * Reads and changes the draft; free of other effects, because it may run again when the changes
     * of others that were to be written with it failed.
     *
     * @throws StoreException it is refused, and nothing of it is done
     */
    T plan(Draft draft);
  }

  private static final class Pending<T> {
    final Transaction<T> transaction;
    @Nullable T result;
    @Nullable Throwable failure;
    boolean done;

    Pending(Transaction<T> transaction) {
      this.transaction = transaction;
    }

    void plan(Draft draft) {
      int mark = draft.mark();
      failure = null;
      try {
        result = transaction.plan(draft);
      } catch (RuntimeException | Error e) {
        draft.rollback(mark);
        failure = e;
      }
    }

    void fail(Throwable why) {
      failure = why;
      done = true;
    }
  }

  Commits(RecordFiles files, VersionCounter versions, ObjectView view, ObjectTable table) {
    this.files = files;
    this.versions = versions;
    this.view = view;
    this.table = table;
  }

  /**
   * Runs a transaction; its changes are durable and published when this returns.
   *
   * @throws StoreException refused by the transaction; or Unwritable
   */
  public <T> T run(Transaction<T> transaction) {
    Pending<T> mine = new Pending<>(transaction);
    queue.add(mine);
    lock.lock();
    try {
      while (!mine.done) {
        commitSome();
      }
    } finally {
      lock.unlock();
    }
    return answer(mine);
  }

  /** Lets nobody write any more, after those who are at it. */
  void close() {
    lock.lock();
    try {
      closed = true;
    } finally {
      lock.unlock();
    }
  }

  static StoreException unwritable(IOException e) {
    String what =
        e instanceof FileSystemException f && f.getReason() != null
            ? f.getReason()
            : e.getMessage();
    String where = e instanceof FileSystemException f ? f.getFile() + ": " : "";
    return new StoreException(
        StoreException.Reason.Unwritable,
        "the state cannot be written: " + where + (what == null ? e.toString() : what));
  }

  @SuppressWarnings("NullAway") // T itself may be nullable, and then null is the answer.
  private static <T> T answer(Pending<T> p) {
    return switch (p.failure) {
      case null -> p.result;
      // The trace of the caller, not of the thread that did his work.
      case StoreException e -> throw new StoreException(e);
      case Throwable t -> throw new IllegalStateException("a change of the store failed", t);
    };
  }

  private void commitSome() {
    List<Pending<?>> batch = new ArrayList<>();
    for (Pending<?> p = queue.poll(); p != null; p = batch.size() < BATCH ? queue.poll() : null) {
      batch.add(p);
    }
    // An interrupt would close the file under the write, also under that of others.
    boolean interrupted = Thread.interrupted();
    try {
      commit(batch);
    } catch (IOException e) {
      interrupted |= Thread.interrupted();
      for (Pending<?> p : batch) {
        commitAlone(p);
      }
    } finally {
      for (Pending<?> p : batch) {
        if (!p.done) {
          p.fail(new IllegalStateException("the store broke while it wrote"));
        }
      }
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private void commitAlone(Pending<?> p) {
    try {
      commit(List.of(p));
    } catch (IOException e) {
      p.fail(unwritable(e));
    }
  }

  private void commit(List<Pending<?>> batch) throws IOException {
    Draft draft = new Draft(table.forCommit(), versions, view);
    for (Pending<?> p : batch) {
      if (closed) {
        p.failure = new StoreException(StoreException.Reason.Unwritable, "the agent is stopping");
      } else {
        p.plan(draft);
      }
    }
    DurableFiles.apply(writes(draft.changes()));
    table.publish(draft.changes());
    for (Pending<?> p : batch) {
      p.done = true;
    }
  }

  /** One write for each object, however often it changed. */
  private List<DurableFiles.Change> writes(List<Published> changes) {
    Map<ObjectKey, DurableFiles.Change> last = new LinkedHashMap<>();
    for (Published p : changes) {
      ObjectRecord r = p.entry().record();
      last.put(r.key(), p.type() == Type.DELETED ? files.remove(r.key()) : files.put(r));
    }
    return new ArrayList<>(last.values());
  }
}
