package dev.lodge.agent.source;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lodge.agent.store.Admission;
import dev.lodge.agent.store.DurableObjects;
import dev.lodge.agent.store.FileProblem;
import dev.lodge.agent.store.ObjectKey;
import dev.lodge.agent.store.ObjectRecord;
import dev.lodge.agent.store.ObjectRecord.PowerOverride;
import dev.lodge.agent.store.StoreException;
import dev.lodge.agent.store.StoreException.Reason;
import dev.lodge.agent.store.StoredObject;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/**
 * Wishes that come through the API: each becomes a change of a file, and a pass takes that in. What
 * cannot be taken in is taken back.
 */
final class ObjectWrites {
  private final DurableObjects objects;
  private final DirectoryWorld world;
  private final DirectoryPasses passes;
  private final ManifestWrites writes;

  /** Held while a manifest is written: one at a time. */
  private final Object writing = new Object();

  ObjectWrites(DirectoryWorld world, DirectoryPasses passes) {
    this.objects = world.objects();
    this.world = world;
    this.passes = passes;
    this.writes = new ManifestWrites(world.directory());
  }

  StoredObject create(ObjectNode manifest) {
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
            .filter(o -> path(file).toString().equals(o.file()))
            .orElseThrow(() -> refusedAfterAll(key, file));
      } catch (StoreException e) {
        writes.undo(file, e);
        throw e;
      }
    }
  }

  void tryOut(ObjectNode manifest) {
    Wish wish = Wish.of(manifest);
    ObjectKey key = wish.key();
    synchronized (writing) {
      ObjectRecord now = objects.record(key);
      if (now == null) {
        requireFree(key);
      } else {
        ObjectRecord alive = requireAlive(key);
        if (wish.equals(effective(alive))) {
          return;
        }
        String file = alive.file();
        if (file == null || !alive.ownFile()) {
          if (file == null || !withoutPower(wish).equals(withoutPower(effective(alive)))) {
            throw byHand(key, file == null ? "its manifest" : file, "edit");
          }
          return;
        }
      }
      writes.requireAvailable(key);
      requireAdmitted(wish);
    }
  }

  StoredObject replace(ObjectNode manifest, long resourceVersion) {
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

  StoredObject delete(ObjectKey key) {
    synchronized (writing) {
      ObjectRecord now = requireThere(key);
      if (now.deleting()) {
        return object(key);
      }
      String file = now.file();
      if (world.directory().contents().availability() instanceof Availability.Missing) {
        writes.requireAvailable(key);
      }
      if (file != null && !now.ownFile() && Files.exists(path(file), LinkOption.NOFOLLOW_LINKS)) {
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

  StoredObject overridePowerState(ObjectKey key, String powerState) {
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
            + passes.problems().stream()
                .filter(p -> p.file().equals(path(file).toString()) || p.objects().contains(key))
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
