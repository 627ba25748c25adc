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
 * @param pending somebody writes it, and nothing of it was seen before
 */
record ManifestFile(
    String name,
    @Nullable Fingerprint fingerprint,
    boolean own,
    List<Wish> wishes,
    List<String> errors,
    List<String> warnings,
    boolean pending) {

  static ManifestFile bad(String name, @Nullable Fingerprint fingerprint, List<String> errors) {
    return new ManifestFile(name, fingerprint, false, List.of(), errors, List.of(), false);
  }

  /** A file that is not whole yet; it is there all the same, so its objects are not missing. */
  static ManifestFile pending(String name) {
    return new ManifestFile(name, null, false, List.of(), List.of(), List.of(), true);
  }

  /** Whether there is something wrong with it. */
  boolean bad() {
    return !errors.isEmpty();
  }

  /** Whether the objects that came from it stay as they were. */
  boolean keeps() {
    return pending || bad();
  }
}
