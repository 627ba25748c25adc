package dev.lodge.agent.image;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Directories of the agent's own. */
public final class Trees {
  /** Root writes; others may enter, which QEMU needs, and see nothing. */
  public static final Set<PosixFilePermission> ENTER = PosixFilePermissions.fromString("rwx--x--x");

  /** Root alone. */
  public static final Set<PosixFilePermission> PRIVATE =
      PosixFilePermissions.fromString("rwx------");

  private Trees() {}

  /** Makes a directory, and its parents, or sets the mode of the one that is there. */
  public static Path make(Path directory, Set<PosixFilePermission> mode) throws IOException {
    if (!Files.isDirectory(directory)) {
      Files.createDirectories(directory);
      // Whatever the umask.
      Files.setPosixFilePermissions(directory, mode);
    }
    return directory;
  }

  /** Deletes a tree without following a symbolic link. Nothing happens if it is not there. */
  public static void delete(Path tree) throws IOException {
    try {
      Files.walkFileTree(
          tree,
          new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes a) throws IOException {
              Files.deleteIfExists(file);
              return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path dir, @Nullable IOException e)
                throws IOException {
              if (e != null) {
                throw e;
              }
              Files.deleteIfExists(dir);
              return FileVisitResult.CONTINUE;
            }
          });
    } catch (NoSuchFileException e) {
      // Gone already.
    }
  }
}
