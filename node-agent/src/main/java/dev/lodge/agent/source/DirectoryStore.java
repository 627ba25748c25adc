package dev.lodge.agent.source;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lodge.agent.store.DurableFiles;
import dev.lodge.agent.store.DurableObjects;
import dev.lodge.agent.store.FileProblem;
import dev.lodge.agent.store.ObjectKey;
import dev.lodge.agent.store.ObjectRecord;
import dev.lodge.agent.store.ObjectStore;
import dev.lodge.agent.store.StatusWrite;
import dev.lodge.agent.store.StoreEvent;
import dev.lodge.agent.store.StoreException;
import dev.lodge.agent.store.StoreException.Reason;
import dev.lodge.agent.store.StoredObject;
import dev.lodge.api.ResourceKind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * The store of an agent that works alone: wishes in a directory of manifests, which is followed at
 * once, and all else in a directory of states. docs/design/directory-store.md tells how.
 *
 * <p>Objects change in one way only: the directory changes, and a pass over it takes that in. So a
 * write through the API writes a file and runs a pass itself.
 */
public final class DirectoryStore implements ObjectStore, AutoCloseable {
  private static final Duration SETTLE_AT_MOST = Duration.ofSeconds(10);

  private final DurableObjects objects;
  private final DirectoryPasses passes;
  private final DirectoryLoop loop;
  private final ObjectWrites writes;

  private DirectoryStore(
      DurableObjects objects, DirectoryPasses passes, DirectoryLoop loop, ObjectWrites writes) {
    this.objects = objects;
    this.passes = passes;
    this.loop = loop;
    this.writes = writes;
  }

  /**
   * Opens both directories and takes in what changed in the meantime. Blocks for the grace if a
   * manifest is missing, so that nobody starts what is to be deleted.
   *
   * @throws StoreException Unwritable: another agent works on the state, or it cannot be written
   */
  public static DirectoryStore open(DirectoryStoreOptions options) throws InterruptedException {
    Path manifests = options.manifests().toAbsolutePath().normalize();
    DurableObjects objects =
        DurableObjects.open(options.state(), manifests, options.finalized(), options.remembered());
    try {
      DirectoryIdentity identity =
          DirectoryIdentity.open(options.state().resolve("manifests-inode"));
      makeAtFirst(manifests, identity);
      ManifestLoader loader = new ManifestLoader(w -> known(objects, w));
      ManifestDirectory directory =
          new ManifestDirectory(
              manifests,
              loader,
              identity,
              () -> objects.any(r -> r.file() != null),
              new FamiliarFiles(loader, key -> cameFromFile(objects, key)));
      DirectoryWorld world =
          new DirectoryWorld(
              directory,
              objects,
              options.admission(),
              new Missing(options.grace()),
              options.clock(),
              System::nanoTime,
              options.uids());
      DirectoryWatch watch = DirectoryWatch.open(manifests);
      DirectoryPasses passes = new DirectoryPasses(world, options.state(), watch::wake);
      DirectoryLoop loop = new DirectoryLoop(world, watch, passes, options.poll());
      DirectoryStore store =
          new DirectoryStore(objects, passes, loop, new ObjectWrites(world, passes));
      loop.start();
      loop.awaitSettled(options.grace().plus(SETTLE_AT_MOST));
      return store;
    } catch (IOException e) {
      objects.close();
      throw new StoreException(
          Reason.Unwritable, "the manifests cannot be followed: " + e.getMessage());
    }
  }

  /** What is wrong with manifests and states now. */
  public List<FileProblem> problems() {
    return passes.problems();
  }

  /**
   * Tells of all problems whenever they change, and once now; on the thread of the watches, so the
   * listener must not block.
   */
  public Subscription onProblems(Consumer<List<FileProblem>> listener) {
    return passes.listen(listener);
  }

  @Override
  public Listing list(ResourceKind kind) {
    return objects.list(kind);
  }

  @Override
  public Optional<StoredObject> get(ObjectKey key) {
    return objects.get(key);
  }

  @Override
  public StoredObject create(ObjectNode manifest) {
    return writes.create(manifest);
  }

  @Override
  public StoredObject replace(ObjectNode manifest, long resourceVersion) {
    return writes.replace(manifest, resourceVersion);
  }

  @Override
  public void tryOut(ObjectNode manifest) {
    writes.tryOut(manifest);
  }

  @Override
  public StoredObject delete(ObjectKey key) {
    return writes.delete(key);
  }

  @Override
  public StoredObject overridePowerState(ObjectKey key, String powerState) {
    return writes.overridePowerState(key, powerState);
  }

  @Override
  public void finish(ObjectKey key, String uid) {
    boolean gone =
        objects.run(
            draft -> {
              ObjectRecord r = draft.get(key);
              if (r == null || !r.uid().equals(uid) || !r.deleting()) {
                return false;
              }
              draft.remove(r);
              return true;
            });
    if (gone) {
      try {
        // A manifest may wait for the name, or for what the object held.
        passes.run(Set.of(), false);
      } catch (StoreException e) {
        // Told as a problem and tried again; the object is gone all the same.
      }
    }
  }

  @Override
  public StatusWrite writeStatus(
      ObjectKey key, String uid, long resourceVersion, ObjectNode status) {
    ObjectNode canonical = Wish.canonical(status);
    try {
      return objects.run(
          draft -> {
            ObjectRecord r = draft.get(key);
            StoredObject o = draft.object(key);
            if (r == null || o == null || !r.uid().equals(uid)) {
              return new StatusWrite.Gone();
            }
            if (resourceVersion != 0 && resourceVersion != r.resourceVersion()) {
              return new StatusWrite.Conflict();
            }
            boolean same = r.status() == null ? canonical.isEmpty() : canonical.equals(r.status());
            return new StatusWrite.Applied(same ? o : draft.put(r.withStatus(canonical)));
          });
    } catch (StoreException e) {
      return new StatusWrite.Failed(String.valueOf(e.getMessage()));
    }
  }

  @Override
  public Subscription watch(ResourceKind kind, long version, Consumer<StoreEvent> listener) {
    return objects.watch(kind, version, listener);
  }

  /** Stops following the directory and lets another agent in; what is written stays. */
  @Override
  public void close() {
    loop.close();
    objects.close();
  }

  /** At the very first start there is nothing that a missing directory could have held. */
  private static void makeAtFirst(Path manifests, DirectoryIdentity identity) throws IOException {
    if (!identity.known()) {
      DurableFiles.makeDirectory(manifests);
    }
    if (Files.isDirectory(manifests)) {
      DurableFiles.dropLeftovers(manifests);
    }
  }

  private static boolean cameFromFile(DurableObjects objects, ObjectKey key) {
    ObjectRecord r = objects.record(key);
    return r != null && r.file() != null;
  }

  private static Wish known(DurableObjects objects, Wish wish) {
    ObjectRecord r = objects.record(wish.key());
    return r != null && r.content().equals(wish.content())
        ? new Wish(wish.key(), r.content())
        : wish;
  }
}
