package dev.lodge.agent.source;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lodge.agent.source.DirectoryDiff.Adopt;
import dev.lodge.agent.source.DirectoryDiff.Follow;
import dev.lodge.agent.source.DirectoryDiff.Result;
import dev.lodge.agent.source.DirectoryDiff.Step;
import dev.lodge.agent.source.DirectoryDiff.Vanish;
import dev.lodge.agent.store.FileProblem;
import dev.lodge.agent.store.FileProblem.Severity;
import dev.lodge.agent.store.ObjectKey;
import dev.lodge.agent.store.ObjectRecord;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/**
 * Random files come, change, break, move and go, step by step. After each step the rules that
 * {@link DirectoryDiff} promises must hold, told here in words of their own and not by its code.
 */
class DirectoryDiffTest {

  /** What a user does. */
  sealed interface Operation {}

  /** Writes a file with these objects, each of one content. */
  record Write(int file, List<Integer> objects, int content) implements Operation {}

  /** Leaves a file with a mistake. */
  record Break(int file) implements Operation {}

  /** Begins a file that was not there, and does not end it yet. */
  record Begin(int file) implements Operation {}

  /** Removes a file. */
  record Remove(int file) implements Operation {}

  /** Renames a file, over another one if that is there. */
  record Rename(int from, int to) implements Operation {}

  /** The agent has cleaned up an object. */
  record Finish(int object) implements Operation {}

  private static final class World {
    final SortedMap<String, ManifestFile> files = new TreeMap<>();
    final Map<ObjectKey, ObjectRecord> records = new LinkedHashMap<>();
    int uids;
  }

  @Provide
  Arbitrary<List<Operation>> operations() {
    Arbitrary<Integer> files = Arbitraries.integers().between(0, 3);
    Arbitrary<Integer> objects = Arbitraries.integers().between(0, 3);
    Arbitrary<Integer> contents = Arbitraries.integers().between(1, 3);
    Arbitrary<Operation> write =
        Combinators.combine(files, objects.set().ofMaxSize(3), contents)
            .as((f, o, c) -> new Write(f, List.copyOf(o), c));
    Arbitrary<Operation> rename = Combinators.combine(files, files).as(Rename::new);
    return Arbitraries.oneOf(
            List.of(
                write,
                write,
                files.map(Break::new),
                files.map(Begin::new),
                files.map(Remove::new),
                rename,
                objects.map(Finish::new)))
        .list()
        .ofMinSize(1)
        .ofMaxSize(30);
  }

  @Property(tries = 3000)
  void theRulesHoldAfterEveryStep(@ForAll("operations") List<Operation> operations) {
    World w = new World();
    for (Operation o : operations) {
      perform(w, o);
      Map<ObjectKey, ObjectRecord> before = new LinkedHashMap<>(w.records);
      Result result = DirectoryDiff.of(w.files, List.copyOf(w.records.values()));
      result.steps().forEach(s -> apply(w, s));

      check(w, before, result);
      Result again = DirectoryDiff.of(w.files, List.copyOf(w.records.values()));
      assertThat(again.steps()).as("done is done").isEmpty();
    }
  }

  private void check(World w, Map<ObjectKey, ObjectRecord> before, Result result) {
    for (int i = 0; i < 4; i++) {
      ObjectKey key = key(i);
      ObjectRecord was = before.get(key);
      ObjectRecord is = w.records.get(key);
      List<String> having =
          w.files.values().stream()
              .filter(f -> f.wishes().stream().anyMatch(x -> x.key().equals(key)))
              .map(ManifestFile::name)
              .toList();
      if (was != null && was.deleting()) {
        assertThat(is).as("what is being deleted is let be").isEqualTo(was);
        assertThat(problems(result, Severity.WARNING, key)).containsAll(having);
        continue;
      }
      boolean frozen =
          was != null
              && was.file() != null
              && w.files.containsKey(was.file())
              && w.files.get(was.file()).keeps();
      if (frozen) {
        assertThat(is).as("a broken file keeps its objects").isEqualTo(was);
        assertThat(problems(result, Severity.ERROR, key)).containsAll(having);
        assertThat(problems(result, Severity.ERROR, key).contains(was.file()))
            .isEqualTo(w.files.get(was.file()).bad());
      } else if (having.isEmpty()) {
        assertThat(is == null || is.deleting()).as("no file has it").isTrue();
        assertThat(is == null).isEqualTo(was == null);
      } else {
        assertThat(is).as("a file has it").isNotNull();
        assertThat(is.deleting()).isFalse();
        String holder = is.file();
        assertThat(having).contains(holder);
        if (was != null && having.contains(was.file())) {
          assertThat(holder).as("the first one keeps it").isEqualTo(was.file());
        }
        assertThat(is.content())
            .as("it is what its file says")
            .isEqualTo(
                w.files.get(holder).wishes().stream()
                    .filter(x -> x.key().equals(key))
                    .findFirst()
                    .orElseThrow()
                    .content());
        List<String> others = having.stream().filter(f -> !f.equals(holder)).toList();
        assertThat(problems(result, Severity.ERROR, key))
            .as("every other file is told")
            .containsExactlyElementsOf(others);
      }
      if (was != null && is != null) {
        assertThat(is.uid()).as("the UID stays").isEqualTo(was.uid());
        boolean same = was.effectiveSpec().equals(is.effectiveSpec());
        assertThat(is.generation() - was.generation()).isEqualTo(same ? 0 : 1);
      }
    }
  }

  private static List<String> problems(Result result, Severity severity, ObjectKey key) {
    return result.problems().stream()
        .filter(p -> p.severity() == severity && p.objects().contains(key))
        .map(FileProblem::file)
        .filter(Objects::nonNull)
        .sorted()
        .toList();
  }

  private static void perform(World w, Operation o) {
    switch (o) {
      case Write x -> {
        List<Wish> wishes = new ArrayList<>();
        x.objects().forEach(n -> wishes.add(wish(n, x.content())));
        put(w, new ManifestFile(name(x.file()), null, false, wishes, List.of(), List.of(), false));
      }
      case Break x -> put(w, ManifestFile.bad(name(x.file()), null, List.of("broken")));
      case Begin x -> w.files.putIfAbsent(name(x.file()), ManifestFile.pending(name(x.file())));
      case Remove x -> w.files.remove(name(x.file()));
      case Rename x -> {
        ManifestFile f = w.files.remove(name(x.from()));
        if (f != null) {
          put(
              w,
              new ManifestFile(
                  name(x.to()), null, false, f.wishes(), f.errors(), f.warnings(), false));
        }
      }
      case Finish x -> {
        ObjectRecord r = w.records.get(key(x.object()));
        if (r != null && r.deleting()) {
          w.records.remove(key(x.object()));
        }
      }
    }
  }

  private static void apply(World w, Step step) {
    switch (step) {
      case Adopt a ->
          w.records.put(
              a.key(),
              ObjectRecord.first(
                  a.key(),
                  "uid" + w.uids++,
                  "now",
                  a.file().name(),
                  a.file().own(),
                  a.wish().content()));
      case Follow f ->
          w.records.put(
              f.key(),
              f.record().withManifest(f.file().name(), f.file().own(), f.wish().content()));
      case Vanish v -> w.records.put(v.key(), v.record().withDeleted("now"));
    }
  }

  private static void put(World w, ManifestFile f) {
    w.files.put(f.name(), f);
  }

  private static String name(int file) {
    return "f" + file + ".yaml";
  }

  private static ObjectKey key(int object) {
    return StoreFixture.vm("o" + object);
  }

  private static Wish wish(int object, int cpus) {
    return Wish.of(StoreFixture.vmTree("o" + object, cpus));
  }
}
