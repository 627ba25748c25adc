package dev.lodge.agent.source;

import dev.lodge.agent.store.FileProblem;
import dev.lodge.agent.store.FileProblem.Severity;
import dev.lodge.agent.store.ObjectKey;
import dev.lodge.agent.store.ObjectRecord;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/**
 * What has to change so that the objects are what the directory says. Pure: files and objects go
 * in, steps and problems come out.
 *
 * <p>The rules: a file with errors keeps all that came from it as it was. An object belongs to the
 * file that had it first; the same object in a second file is a problem, until the first one has it
 * no more. An object that no file has vanishes. One that is being deleted is let be; files that
 * have it wait until it is gone.
 */
final class DirectoryDiff {
  private final SortedMap<String, ManifestFile> files;
  private final SequencedMap<ObjectKey, List<Claim>> claims = new LinkedHashMap<>();
  private final List<Step> steps = new ArrayList<>();
  private final List<FileProblem> problems = new ArrayList<>();

  /** What is to be done with one object. */
  sealed interface Step {
    ObjectKey key();
  }

  /** It is new. */
  record Adopt(Wish wish, ManifestFile file) implements Step {
    @Override
    public ObjectKey key() {
      return wish.key();
    }
  }

  /** Its manifest says something else, or is another file. */
  record Follow(ObjectRecord record, Wish wish, ManifestFile file) implements Step {
    @Override
    public ObjectKey key() {
      return wish.key();
    }

    boolean sameContent() {
      return record.content().equals(wish.content());
    }
  }

  /** No file has it any more. */
  record Vanish(ObjectRecord record) implements Step {
    @Override
    public ObjectKey key() {
      return record.key();
    }
  }

  /** Steps for each object at most one, and what users should know. */
  record Result(List<Step> steps, List<FileProblem> problems) {}

  private record Claim(ManifestFile file, Wish wish) {}

  private DirectoryDiff(SortedMap<String, ManifestFile> files) {
    this.files = files;
  }

  /**
   * @param files of the directory, by name
   * @param records all objects
   */
  static Result of(SortedMap<String, ManifestFile> files, Collection<ObjectRecord> records) {
    DirectoryDiff diff = new DirectoryDiff(files);
    diff.readFiles(records);
    for (ObjectRecord r : records) {
      diff.known(r);
    }
    diff.claims.forEach((key, claimants) -> diff.unknown(key, claimants));
    return new Result(diff.steps, diff.problems);
  }

  private void readFiles(Collection<ObjectRecord> records) {
    Map<String, List<ObjectKey>> kept = new LinkedHashMap<>();
    for (ManifestFile f : files.values()) {
      if (f.bad()) {
        kept.put(f.name(), new ArrayList<>());
      }
      for (Wish w : f.wishes()) {
        claims.computeIfAbsent(w.key(), k -> new ArrayList<>(1)).add(new Claim(f, w));
      }
    }
    if (!kept.isEmpty()) {
      for (ObjectRecord r : records) {
        if (r.file() != null && kept.containsKey(r.file())) {
          kept.getOrDefault(r.file(), List.of()).add(r.key());
        }
      }
    }
    for (ManifestFile f : files.values()) {
      if (f.bad()) {
        problems.add(
            problem(
                Severity.ERROR,
                f,
                String.join("\n", f.errors()),
                kept.getOrDefault(f.name(), List.of())));
      } else if (!f.warnings().isEmpty()) {
        problems.add(
            problem(
                Severity.WARNING,
                f,
                String.join("\n", f.warnings()),
                f.wishes().stream().map(Wish::key).toList()));
      }
    }
  }

  private void known(ObjectRecord r) {
    List<Claim> claimants = claims.remove(r.key());
    if (claimants == null) {
      claimants = List.of();
    }
    if (r.deleting()) {
      for (Claim c : claimants) {
        problems.add(
            problem(
                Severity.WARNING,
                c.file(),
                r.key() + " is still being deleted; it is made anew from this file after that",
                List.of(r.key())));
      }
      return;
    }
    ManifestFile before = r.file() == null ? null : files.get(r.file());
    if (before != null && before.keeps()) {
      duplicates(r.key(), before.name(), claimants);
      return;
    }
    Claim holder = claimBy(claimants, r.file());
    if (holder == null && !claimants.isEmpty()) {
      holder = claimants.getFirst();
    }
    if (holder == null) {
      steps.add(new Vanish(r));
      return;
    }
    duplicates(r.key(), holder.file().name(), claimants);
    Follow follow = new Follow(r, holder.wish(), holder.file());
    if (!holder.file().name().equals(r.file())
        || holder.file().own() != r.ownFile()
        || !follow.sameContent()) {
      steps.add(follow);
    }
  }

  private void unknown(ObjectKey key, List<Claim> claimants) {
    Claim first = claimants.getFirst();
    duplicates(key, first.file().name(), claimants);
    steps.add(new Adopt(first.wish(), first.file()));
  }

  private void duplicates(ObjectKey key, String holder, List<Claim> claimants) {
    for (Claim c : claimants) {
      if (!c.file().name().equals(holder)) {
        problems.add(
            problem(
                Severity.ERROR,
                c.file(),
                key
                    + " is in "
                    + holder
                    + " too, and that one counts; remove it from "
                    + c.file().name()
                    + " or from "
                    + holder,
                List.of(key)));
      }
    }
  }

  private static @Nullable Claim claimBy(List<Claim> claimants, @Nullable String file) {
    for (Claim c : claimants) {
      if (c.file().name().equals(file)) {
        return c;
      }
    }
    return null;
  }

  private static FileProblem problem(
      Severity severity, ManifestFile f, String message, List<ObjectKey> objects) {
    return new FileProblem(severity, f.name(), message, List.copyOf(objects));
  }
}
