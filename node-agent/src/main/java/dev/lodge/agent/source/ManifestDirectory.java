package dev.lodge.agent.source;

import dev.lodge.agent.store.ObjectKey;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What the directory of manifests holds, as it was read last. Only names that end in {@code .yaml},
 * {@code .yml} or {@code .json} and do not begin with a dot count; directories below are not read.
 *
 * <p>Lodge's own writes go through it too, so that a file is never taken in as it was before the
 * write.
 */
final class ManifestDirectory {
  /**
   * A file that changed this shortly ago may still be being written, if no event says otherwise.
   */
  static final Duration SETTLED = Duration.ofMillis(100);

  private static final List<String> SUFFIXES = List.of(".yaml", ".yml", ".json");
  private static final int MOST_FILES = 10_000;

  private final Path directory;
  private final ManifestLoader loader;
  private final DirectoryIdentity identity;
  private final BooleanSupplier holdsObjects;
  private final FamiliarFiles familiar;
  private final TreeMap<String, ManifestFile> files = new TreeMap<>();
  private Availability availability = new Availability.Missing("it was not read yet");
  private boolean lost;
  private @Nullable Contents contents;

  /** The files at one moment; with what was seen last if the directory is not available. */
  record Contents(Availability availability, SortedMap<String, ManifestFile> files) {}

  /**
   * What a look at all files brought.
   *
   * @param changed something is other than before
   * @param unsettled some file may be being written: look again soon
   */
  record Scan(boolean changed, boolean unsettled) {}

  /**
   * @param holdsObjects whether there are objects that an empty directory would delete
   * @param familiar tells a directory that has some of them
   */
  ManifestDirectory(
      Path directory,
      ManifestLoader loader,
      DirectoryIdentity identity,
      BooleanSupplier holdsObjects,
      FamiliarFiles familiar) {
    this.directory = directory;
    this.loader = loader;
    this.identity = identity;
    this.holdsObjects = holdsObjects;
    this.familiar = familiar;
  }

  /** Whether a file of this name is a manifest. */
  static boolean counts(String name) {
    return !name.startsWith(".") && SUFFIXES.stream().anyMatch(name::endsWith);
  }

  Path path() {
    return directory;
  }

  synchronized Contents contents() {
    if (contents == null) {
      contents =
          new Contents(availability, Collections.unmodifiableSortedMap(new TreeMap<>(files)));
    }
    return contents;
  }

  synchronized @Nullable ManifestFile file(String name) {
    return files.get(name);
  }

  /** The directory went away, or another one may stand in its place by now. */
  synchronized void markLost() {
    lost = true;
  }

  /** A file was renamed here, linked, or closed after a write: it is whole. True if it changed. */
  synchronized boolean written(String name) {
    return availability.counts() && load(name);
  }

  /** A file was removed or renamed away. A new one of that name is read when it is whole. */
  synchronized boolean gone(String name) {
    if (!availability.counts()
        || Files.exists(directory.resolve(name), LinkOption.NOFOLLOW_LINKS)) {
      return false;
    }
    return changed(files.remove(name) != null);
  }

  /**
   * A name appeared. A regular file will be closed after its write, and counts only then; links,
   * and what is no file at all, come without that.
   */
  synchronized boolean created(String name) {
    try {
      Fingerprint f = Fingerprint.of(directory.resolve(name), LinkOption.NOFOLLOW_LINKS);
      if (!f.regular() || f.links() > 1) {
        return written(name);
      }
      return changed(
          availability.counts() && files.putIfAbsent(name, ManifestFile.pending(name)) == null);
    } catch (IOException e) {
      return false;
    }
  }

  /** A file may be readable now that was not. */
  synchronized boolean attributes(String name) {
    ManifestFile before = files.get(name);
    return before != null && before.bad() && written(name);
  }

  /** Looks at everything, and reads what looks other than before. */
  synchronized Scan rescan() {
    Availability before = availability;
    List<String> names;
    try {
      Fingerprint self = Fingerprint.of(directory);
      names = names();
      availability = judge(self, names);
      if (availability.counts()) {
        identity.set(self);
        lost = false;
      }
    } catch (NotDirectoryException e) {
      names = List.of();
      availability = new Availability.Missing("it is no directory");
    } catch (NoSuchFileException e) {
      names = List.of();
      availability = new Availability.Missing("it is not there");
    } catch (IOException | DirectoryIteratorException e) {
      names = List.of();
      availability = new Availability.Missing("it cannot be read: " + e.getMessage());
    }
    boolean changed = !availability.equals(before);
    boolean unsettled = false;
    if (availability.counts()) {
      changed |= files.keySet().retainAll(new TreeSet<>(names));
      for (String name : names) {
        switch (look(name)) {
          case SAME -> {}
          case UNSETTLED -> {
            unsettled = true;
            changed |= files.putIfAbsent(name, ManifestFile.pending(name)) == null;
          }
          case OTHER -> changed |= load(name);
        }
      }
    }
    return new Scan(changed(changed), unsettled);
  }

  /** Whether a file on the disk is the one that was read last. */
  synchronized boolean current(String name) {
    ManifestFile known = files.get(name);
    try {
      return known != null && Fingerprint.of(directory.resolve(name)).equals(known.fingerprint());
    } catch (IOException e) {
      return false;
    }
  }

  /** Does something to one of the files that Lodge owns, and takes in what came of it. */
  synchronized void change(String name, FileChange change) throws IOException {
    change.run(directory.resolve(name));
    if (Files.exists(directory.resolve(name), LinkOption.NOFOLLOW_LINKS)) {
      load(name);
    } else {
      changed(files.remove(name) != null);
    }
  }

  /** Another file that has the object; null if there is none. */
  synchronized @Nullable String otherFileOf(ObjectKey key, @Nullable String but) {
    for (ManifestFile f : files.values()) {
      if (!f.name().equals(but) && f.wishes().stream().anyMatch(w -> w.key().equals(key))) {
        return f.name();
      }
    }
    return null;
  }

  /** A change of a file. */
  @FunctionalInterface
  interface FileChange {
    void run(Path file) throws IOException;
  }

  private enum Look {
    SAME,
    OTHER,
    UNSETTLED
  }

  private Look look(String name) {
    ManifestFile known = files.get(name);
    Fingerprint now;
    try {
      now = Fingerprint.of(directory.resolve(name));
    } catch (IOException e) {
      return Look.OTHER;
    }
    if (known != null && now.equals(known.fingerprint())) {
      return Look.SAME;
    }
    Duration age = Duration.between(now.modified().toInstant(), Instant.now());
    boolean young = !age.isNegative() && age.compareTo(SETTLED) < 0;
    return young && now.regular() ? Look.UNSETTLED : Look.OTHER;
  }

  private boolean load(String name) {
    ManifestFile before = files.get(name);
    ManifestFile after = loader.load(directory, name, before);
    if (after == null) {
      return changed(files.remove(name) != null);
    }
    if (after.equals(before)) {
      return false;
    }
    files.put(name, after);
    return changed(true);
  }

  private boolean changed(boolean is) {
    if (is) {
      contents = null;
    }
    return is;
  }

  private Availability judge(Fingerprint self, List<String> names) throws IOException {
    if (!self.directory()) {
      throw new NotDirectoryException(directory.toString());
    }
    if (names.size() > MOST_FILES) {
      return new Availability.Missing("it holds more than " + MOST_FILES + " manifests");
    }
    boolean another = lost || !identity.is(self);
    if (another && holdsObjects.getAsBoolean() && !familiar.in(directory, names)) {
      return new Availability.Replaced(
          names.isEmpty()
              ? "it is empty and not the directory that it was (unmounted?)"
              : "it is not the directory that it was and has none of its objects (unmounted?)");
    }
    return new Availability.Available();
  }

  private List<String> names() throws IOException {
    List<String> names = new ArrayList<>();
    try (DirectoryStream<Path> all = Files.newDirectoryStream(directory)) {
      for (Path p : all) {
        String name = p.getFileName().toString();
        if (counts(name) && names.size() <= MOST_FILES) {
          names.add(name);
        }
      }
    }
    Collections.sort(names);
    return names;
  }

  /** Whether a name can be a path at all in this locale. */
  static boolean usable(Path directory, String name) {
    try {
      return directory.resolve(name).getParent() != null;
    } catch (InvalidPathException e) {
      return false;
    }
  }
}
