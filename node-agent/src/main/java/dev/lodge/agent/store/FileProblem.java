package dev.lodge.agent.store;

import java.nio.file.Path;
import java.util.List;

/**
 * Something that is wrong with a manifest, for people to see until it is mended.
 *
 * @param file the path of the manifest, of the whole directory, or of a state
 * @param message with the mend; several lines if there are several mistakes
 * @param objects the objects that it is about: they stay as they were before
 */
public record FileProblem(Severity severity, String file, String message, List<ObjectKey> objects) {
  /** How bad it is. */
  public enum Severity {
    /** Something that the file says is not done. */
    ERROR,
    /** It is done, or will be, but there is something to know. */
    WARNING
  }

  /** The same, of a file in a directory. */
  public FileProblem in(Path directory) {
    return new FileProblem(severity, directory.resolve(file).toString(), message, objects);
  }

  @Override
  public String toString() {
    return file + ": " + message;
  }
}
