package dev.lodge.agent.source;

import dev.lodge.agent.source.DirectoryDiff.Adopt;
import dev.lodge.agent.source.DirectoryDiff.Follow;
import dev.lodge.agent.source.DirectoryDiff.Step;
import dev.lodge.agent.source.DirectoryDiff.Vanish;
import dev.lodge.agent.store.Admission;
import dev.lodge.agent.store.Commits;
import dev.lodge.agent.store.Draft;
import dev.lodge.agent.store.FileProblem;
import dev.lodge.agent.store.FileProblem.Severity;
import dev.lodge.agent.store.ObjectKey;
import dev.lodge.agent.store.ObjectRecord;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** One look at the whole directory, and all that follows from it for the objects. */
final class DirectoryPass implements Commits.Transaction<DirectoryPass.Outcome> {
  private final DirectoryWorld world;
  private final Set<ObjectKey> atOnce;
  private final boolean scanned;

  /**
   * What came of it.
   *
   * @param again when to look again because something is missing; null: no need
   */
  record Outcome(List<FileProblem> problems, @Nullable Duration again) {}

  /**
   * @param atOnce objects whose files Lodge itself removed: they need not be waited for
   * @param scanned all of the directory was read just now, so what is missing may be deleted
   */
  DirectoryPass(DirectoryWorld world, Set<ObjectKey> atOnce, boolean scanned) {
    this.world = world;
    this.atOnce = atOnce;
    this.scanned = scanned;
  }

  @Override
  public Outcome plan(Draft draft) {
    ManifestDirectory.Contents contents = world.directory().contents();
    List<FileProblem> problems = new ArrayList<>();
    switch (contents.availability()) {
      case Availability.Available a -> {
        return look(draft, contents, problems);
      }
      case Availability.Missing m ->
          problems.add(
              ofDirectory(
                  m.why()
                      + "; all objects stay as they were, and nothing is created or deleted until"
                      + " it is back"));
      case Availability.Replaced r ->
          problems.add(
              ofDirectory(
                  r.why()
                      + "; all objects stay as they were. Put the manifests back; or delete the"
                      + " objects by `lodge delete`"));
    }
    world.missing().only(Set.of());
    return new Outcome(problems, null);
  }

  private Outcome look(
      Draft draft, ManifestDirectory.Contents contents, List<FileProblem> problems) {
    DirectoryDiff.Result diff = DirectoryDiff.of(contents.files(), draft.records());
    problems.addAll(diff.problems());
    List<Step> toAdmit = new ArrayList<>();
    Set<ObjectKey> missing = new HashSet<>();
    Duration again = null;
    long nanos = world.nanos().getAsLong();
    for (Step step : diff.steps()) {
      if (uncertain(step, contents) && !atOnce.contains(step.key())) {
        missing.add(step.key());
        Duration left = world.missing().left(step.key(), nanos);
        if (!scanned || left.isPositive()) {
          again = again == null || left.compareTo(again) < 0 ? left : again;
          continue;
        }
      }
      switch (step) {
        case Vanish v -> draft.delete(v.record(), world.now());
        case Follow f when f.sameContent() -> follow(draft, f);
        case Follow f -> toAdmit.add(f);
        case Adopt a when world.objects().reserved(a.key()) -> problems.add(reserved(a));
        case Adopt a -> toAdmit.add(a);
      }
    }
    world.missing().only(missing);
    admit(draft, toAdmit, problems);
    return new Outcome(problems, again);
  }

  /** What one sees in the middle of a rename, too. */
  private static boolean uncertain(Step step, ManifestDirectory.Contents contents) {
    return switch (step) {
      case Vanish v -> true;
      case Follow f -> {
        String before = f.record().file();
        yield !f.sameContent() && before != null && !contents.files().containsKey(before);
      }
      case Adopt a -> false;
    };
  }

  /** Until nothing more is admitted: what one gives free another may take. */
  private void admit(Draft draft, List<Step> steps, List<FileProblem> problems) {
    List<FileProblem> refused = new ArrayList<>();
    boolean progress = !steps.isEmpty();
    while (progress) {
      progress = false;
      refused.clear();
      for (Iterator<Step> i = steps.iterator(); i.hasNext(); ) {
        Step step = i.next();
        FileProblem no = tryStep(draft, step);
        if (no == null) {
          i.remove();
          progress = true;
        } else {
          refused.add(no);
        }
      }
    }
    problems.addAll(refused);
  }

  private @Nullable FileProblem tryStep(Draft draft, Step step) {
    return switch (step) {
      case Adopt a -> {
        FileProblem no = refusal(draft, a.wish(), a.file());
        if (no == null) {
          draft.put(
              ObjectRecord.first(
                  a.key(),
                  world.uids().get(),
                  world.now(),
                  a.file().name(),
                  a.file().own(),
                  a.wish().content()));
        }
        yield no;
      }
      case Follow f -> {
        FileProblem no = refusal(draft, f.wish(), f.file());
        if (no == null) {
          follow(draft, f);
        }
        yield no;
      }
      case Vanish v -> null;
    };
  }

  private @Nullable FileProblem refusal(Draft draft, Wish wish, ManifestFile file) {
    List<Admission.Problem> mistakes =
        world.admission().check(wish.key(), wish.manifest(), draft.objects());
    if (mistakes.isEmpty()) {
      return null;
    }
    return new FileProblem(
        Severity.ERROR,
        file.name(),
        mistakes.stream().map(m -> wish.key() + ": " + m).collect(Collectors.joining("\n")),
        List.of(wish.key()));
  }

  private void follow(Draft draft, Follow f) {
    draft.put(f.record().withManifest(f.file().name(), f.file().own(), f.wish().content()));
  }

  private FileProblem reserved(Adopt a) {
    return new FileProblem(
        Severity.ERROR,
        a.file().name(),
        a.key() + " is left alone, because its state cannot be read",
        List.of(a.key()));
  }

  private FileProblem ofDirectory(String why) {
    String directory = world.directory().path().toString();
    return new FileProblem(
        Severity.ERROR, directory, "the directory of manifests does not count: " + why, List.of());
  }
}
