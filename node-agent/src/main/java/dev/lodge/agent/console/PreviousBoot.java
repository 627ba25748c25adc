package dev.lodge.agent.console;

import dev.lodge.agent.image.Trees;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * Keeps what a guest said when the next one starts: virtlogd begins a domain's ring anew, and what
 * explains a crash would go with it. The ring is renamed, not copied, so it costs nothing, and
 * whoever still reads it reads on: {@link ConsoleLog} knows files by inode.
 */
public final class PreviousBoot {
  private PreviousBoot() {}

  /**
   * Makes the ring at {@code log} the previous one. A ring in which nothing was said, as of a QEMU
   * that died at once, does not push out one that says something. To be called while no guest runs.
   *
   * @param previous where it goes; what is there is replaced
   */
  public static void setAside(Path log, Path previous) throws IOException {
    List<Path> ring = ring(log);
    long said = 0;
    for (Path file : ring) {
      said += Files.size(file);
    }
    if (said == 0) {
      return;
    }
    Path directory = Trees.make(Objects.requireNonNull(previous.getParent()), Trees.ENTER);
    for (Path old : ring(previous)) {
      Files.delete(old);
    }
    String stem = log.getFileName().toString();
    for (Path file : ring) {
      String suffix = file.getFileName().toString().substring(stem.length());
      Files.move(
          file, directory.resolve(previous.getFileName() + suffix), StandardCopyOption.ATOMIC_MOVE);
    }
  }

  /** The files of a ring that are there, the newest first. */
  private static List<Path> ring(Path log) {
    List<Path> files = new ArrayList<>();
    if (Files.exists(log)) {
      files.add(log);
    }
    for (int i = 0; i < ConsoleLog.MAX_BACKUPS; i++) {
      Path backup = log.resolveSibling(log.getFileName() + "." + i);
      if (!Files.exists(backup)) {
        break;
      }
      files.add(backup);
    }
    return files;
  }
}
