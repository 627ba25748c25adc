package dev.lodge.agent.source;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lodge.agent.store.Admission;
import dev.lodge.agent.store.DurableFiles;
import dev.lodge.agent.store.DurableObjects;
import dev.lodge.agent.store.FileProblem;
import dev.lodge.agent.store.ObjectKey;
import dev.lodge.agent.store.ObjectRecord;
import dev.lodge.agent.store.ObjectRecord.PowerOverride;
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
import java.util.Objects;
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
  private final DirectoryWorld world;
  private final DirectoryPasses passes;
  private final DirectoryLoop loop;
  private final ManifestWrites writes;

  /** Held while a manifest is written: one at a time. */
  private final Object writing = new Object();

  private DirectoryStore(
      DurableObjects objects,
      DirectoryWorld world,
      DirectoryPasses passes,
      DirectoryLoop loop,
      ManifestWrites writes) {
    this.objects = objects;
    this.world = world;
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
    DurableObjects objects =
        DurableObjects.open(options.state(), options.finalized(), options.remembered());
    try {
      DirectoryIdentity identity =
          DirectoryIdentity.open(options.state().resolve("manifests-inode"));
      Path manifests = options.manifests().toAbsolutePath().normalize();
      makeAtFirst(manifests, identity);
      ManifestDirectory directory =
          new ManifestDirectory(
              manifests,
              new ManifestLoader(w -> known(objects, w)),
              identity,
              () -> objects.any(r -> r.file() != null));
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
          new DirectoryStore(objects, world, passes, loop, new ManifestWrites(directory));
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
    Wish wish = Wish.of(manifest);
    ObjectKey key = wish.key();
    synchronized (writing) {
      requireFree(key);
      writes.requireAvailable(key);
      requireAdmitted(wish);
      String file = writes.create(wish);
      try {
        passes.run(Set.of(), false);
        return objects
            .get(key)
            .filter(o -> file.equals(o.file()))
            .orElseThrow(() -> refusedAfterAll(key, file));
      } catch (StoreException e) {
        writes.undo(file, e);
        throw e;
      }
    }
  }

  @Override
  public StoredObject replace(ObjectNode manifest, long resourceVersion) {
    Wish wish = Wish.of(manifest);
    ObjectKey key = wish.key();
    synchronized (writing) {
      ObjectRecord now = requireAlive(key);
      if (resourceVersion != 0 && resourceVersion != now.resourceVersion()) {
        throw new StoreException(Reason.Conflict, key + " was changed; read again");
      }
      if (wish.equals(effective(now))) {
        return object(key);
      }
      String file = now.file();
      if (file == null || !now.ownFile()) {
        return replaceByHand(now, wish);
      }
      writes.requireAvailable(key);
      requireAdmitted(wish);
      writes.rewrite(file, wish);
      try {
        passes.run(Set.of(), false);
      } catch (StoreException e) {
        writes.rewrite(file, new Wish(key, now.content()));
        throw e;
      }
      return object(key);
    }
  }

  @Override
  public StoredObject delete(ObjectKey key) {
    synchronized (writing) {
      ObjectRecord now = requireThere(key);
      if (now.deleting()) {
        return object(key);
      }
      String file = now.file();
      if (world.directory().contents().availability() instanceof Availability.Missing) {
        writes.requireAvailable(key);
      }
      if (file != null && !now.ownFile() && Files.exists(path(file))) {
        throw byHand(key, file, "remove");
      }
      String other = world.directory().otherFileOf(key, file);
      if (other != null) {
        throw byHand(key, other, "remove");
      }
      if (file != null) {
        writes.remove(file);
      }
      if (world.directory().contents().availability().counts()) {
        passes.run(Set.of(key), false);
        return objects.get(key).orElseGet(() -> last(now));
      }
      return deleteWithoutDirectory(key);
    }
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
  public StoredObject overridePowerState(ObjectKey key, String powerState) {
    if (requireAlive(key).ownFile()) {
      ObjectNode manifest = effective(requireAlive(key)).manifest();
      manifest.withObjectProperty("spec").put(ObjectRecord.POWER_STATE, powerState);
      return replace(manifest, 0);
    }
    return objects.run(
        draft -> {
          ObjectRecord r = draft.get(key);
          StoredObject o = draft.object(key);
          if (r == null || o == null) {
            throw new StoreException(Reason.NotFound, key + " is not there");
          }
          String said = r.powerStateInFile();
          boolean saysIt = powerState.equals(said == null ? ObjectRecord.POWERED_ON : said);
          PowerOverride next = saysIt ? null : new PowerOverride(powerState, said);
          return Objects.equals(next, r.power()) ? o : draft.put(r.withPower(next));
        });
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

  private static Wish known(DurableObjects objects, Wish wish) {
    ObjectRecord r = objects.record(wish.key());
    return r != null && r.content().equals(wish.content())
        ? new Wish(wish.key(), r.content())
        : wish;
  }

  private StoredObject replaceByHand(ObjectRecord now, Wish wish) {
    String file = now.file();
    String powerState = wish.content().path("spec").path(ObjectRecord.POWER_STATE).textValue();
    if (file != null && withoutPower(wish).equals(withoutPower(effective(now)))) {
      return overridePowerState(
          now.key(), powerState == null ? ObjectRecord.POWERED_ON : powerState);
    }
    throw byHand(now.key(), file == null ? "its manifest" : file, "edit");
  }

  private StoredObject deleteWithoutDirectory(ObjectKey key) {
    return objects.run(
        draft -> {
          ObjectRecord r = draft.get(key);
          if (r == null) {
            throw new StoreException(Reason.NotFound, key + " is not there");
          }
          return draft.delete(r, world.now());
        });
  }

  private void requireFree(ObjectKey key) {
    if (objects.reserved(key)) {
      throw new StoreException(
          Reason.Refused,
          key
              + ": there is a state of it that cannot be read; "
              + objects.damaged().stream()
                  .filter(p -> p.objects().contains(key))
                  .map(FileProblem::toString)
                  .findFirst()
                  .orElse("see the problems of the agent"));
    }
    ObjectRecord there = objects.record(key);
    if (there != null) {
      throw new StoreException(
          Reason.AlreadyExists,
          key + (there.deleting() ? " is still being deleted" : " is there already"));
    }
    String other = world.directory().otherFileOf(key, null);
    if (other != null) {
      throw byHand(key, other, "edit");
    }
  }

  private void requireAdmitted(Wish wish) {
    List<Admission.Problem> mistakes =
        objects.run(draft -> world.admission().check(wish.key(), wish.manifest(), draft.objects()));
    if (!mistakes.isEmpty()) {
      throw new StoreException(wish.key(), mistakes);
    }
  }

  private ObjectRecord requireThere(ObjectKey key) {
    ObjectRecord r = objects.record(key);
    if (r == null) {
      throw new StoreException(Reason.NotFound, key + " is not there");
    }
    return r;
  }

  private ObjectRecord requireAlive(ObjectKey key) {
    ObjectRecord r = requireThere(key);
    if (r.deleting()) {
      throw new StoreException(Reason.Refused, key + " is being deleted");
    }
    return r;
  }

  private StoredObject object(ObjectKey key) {
    return objects
        .get(key)
        .orElseThrow(() -> new StoreException(Reason.NotFound, key + " is not there any more"));
  }

  /** What an object was that needed no cleaning up. */
  private StoredObject last(ObjectRecord r) {
    return objects.run(draft -> draft.view(r.withDeleted(world.now())));
  }

  private StoreException refusedAfterAll(ObjectKey key, String file) {
    return new StoreException(
        Reason.Conflict,
        key
            + " could not be taken in: "
            + problems().stream()
                .filter(p -> p.file().equals(file) || p.objects().contains(key))
                .map(FileProblem::message)
                .findFirst()
                .orElse("something else changed at the same time; try again"));
  }

  private StoreException byHand(ObjectKey key, String file, String mend) {
    return new StoreException(
        Reason.Refused,
        key + ": its manifest was made by hand and is never rewritten; " + mend + " " + path(file));
  }

  private Path path(String file) {
    return world.directory().path().resolve(file);
  }

  /** The object as its readers see it, so with a start or stop in it. */
  private static Wish effective(ObjectRecord r) {
    ObjectNode content = r.content().deepCopy();
    content.set("spec", r.effectiveSpec().deepCopy());
    return new Wish(r.key(), content);
  }

  private static ObjectNode withoutPower(Wish wish) {
    ObjectNode content = wish.content().deepCopy();
    content.withObjectProperty("spec").remove(ObjectRecord.POWER_STATE);
    return content;
  }
}
