package dev.lodge.agent.source;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A file of the directory, as it was read last.
 *
 * @param fingerprint by which it is recognised unread; null if even that could not be had
 * @param own Lodge wrote it, and may write it again
 * @param wishes its objects, if there are no errors
 * @param errors why nothing of it counts
 */
record ManifestFile(
    String name,
    @Nullable Fingerprint fingerprint,
    boolean own,
    List<Wish> wishes,
    List<String> errors,
    List<String> warnings) {

  static ManifestFile bad(String name, @Nullable Fingerprint fingerprint, List<String> errors) {
    return new ManifestFile(name, fingerprint, false, List.of(), errors, List.of());
  }

  /** Whether the objects that came from it stay as they were. */
  boolean bad() {
    return !errors.isEmpty();
  }
}
