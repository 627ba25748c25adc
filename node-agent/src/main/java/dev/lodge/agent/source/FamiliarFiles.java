package dev.lodge.agent.source;

import dev.lodge.agent.store.ObjectKey;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;

/**
 * Whether a directory that stands where another one stood has anything of it. A manifest that was
 * left below a mount point, or one that somebody puts there to try something, must not delete all
 * that the directory held before.
 */
final class FamiliarFiles {
  private final ManifestLoader loader;
  private final Predicate<ObjectKey> known;

  /** What was read of a directory that was not recognised, so that no poll reads it again. */
  private final Map<String, ManifestFile> strange = new TreeMap<>();

  /**
   * @param known whether there is such an object, and it came from a file
   */
  FamiliarFiles(ManifestLoader loader, Predicate<ObjectKey> known) {
    this.loader = loader;
    this.known = known;
  }

  /** Whether one of the files has a known object. */
  boolean in(Path directory, List<String> names) {
    strange.keySet().retainAll(new TreeSet<>(names));
    for (String name : names) {
      if (!unchanged(directory, name)) {
        ManifestFile file = loader.load(directory, name, null);
        if (file == null) {
          strange.remove(name);
        } else if (file.wishes().stream().anyMatch(w -> known.test(w.key()))) {
          strange.clear();
          return true;
        } else {
          strange.put(name, file);
        }
      }
    }
    return false;
  }

  private boolean unchanged(Path directory, String name) {
    ManifestFile before = strange.get(name);
    try {
      return before != null && Fingerprint.of(directory.resolve(name)).equals(before.fingerprint());
    } catch (IOException e) {
      return false;
    }
  }
}
