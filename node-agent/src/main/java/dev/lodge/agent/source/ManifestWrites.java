package dev.lodge.agent.source;

import com.sun.jna.LastErrorException;
import dev.lodge.agent.store.DurableFiles;
import dev.lodge.agent.store.ObjectKey;
import dev.lodge.agent.store.StoreException;
import dev.lodge.agent.store.StoreException.Reason;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/**
 * Writes into the directory of manifests: whole files, durable, never through a link, never over a
 * file by hand.
 */
final class ManifestWrites {
  private final ManifestDirectory directory;

  ManifestWrites(ManifestDirectory directory) {
    this.directory = directory;
  }

  /**
   * Writes a new file.
   *
   * @return its name
   * @throws StoreException Refused: files of its names are there already; Unwritable
   */
  String create(Wish wish) {
    byte[] bytes = OwnManifest.bytes(wish);
    for (String name : OwnManifest.names(wish.key())) {
      try {
        change(name, bytes, ManifestWrites::renameIfFree);
        return name;
      } catch (FileAlreadyExistsException e) {
        // Another object's, or one that somebody made by hand: the next name.
      } catch (IOException e) {
        throw unwritable(name, e);
      }
    }
    String name = OwnManifest.names(wish.key()).getFirst();
    throw new StoreException(
        Reason.Refused,
        directory.path().resolve(name)
            + " is there already and was not written by Lodge; rename or remove it");
  }

  /**
   * Writes an own file again.
   *
   * @throws StoreException Conflict: somebody changed the file just now; Unwritable
   */
  void rewrite(String name, Wish wish) {
    byte[] bytes = OwnManifest.bytes(wish);
    try {
      change(
          name,
          bytes,
          (temporary, file) -> {
            requireCurrent(name);
            Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
          });
    } catch (IOException e) {
      throw unwritable(name, e);
    }
  }

  /**
   * Removes an own file; nothing happens if it is not there.
   *
   * @throws StoreException Conflict: somebody changed the file just now; Unwritable
   */
  void remove(String name) {
    try {
      directory.change(
          name,
          file -> {
            if (Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
              requireCurrent(name);
              Files.delete(file);
              DurableFiles.syncDirectory(directory.path());
            }
          });
    } catch (IOException e) {
      throw unwritable(name, e);
    }
  }

  /** Takes back a file that was written just now; why it had to be is told otherwise. */
  void undo(String name, StoreException because) {
    try {
      remove(name);
    } catch (StoreException e) {
      because.addSuppressed(e);
    }
  }

  /** Says why nothing can be written now, if so. */
  void requireAvailable(ObjectKey key) {
    switch (directory.contents().availability()) {
      case Availability.Available a -> {}
      case Availability.Missing m ->
          throw new StoreException(
              Reason.Unwritable,
              "the directory of manifests " + directory.path() + " does not count: " + m.why());
      case Availability.Replaced r ->
          throw new StoreException(
              Reason.Refused,
              key
                  + ": the directory of manifests "
                  + directory.path()
                  + " "
                  + r.why()
                  + ". Put the manifests back, or delete the objects that were in it");
    }
  }

  private interface Rename {
    void run(Path temporary, Path file) throws IOException;
  }

  private void change(String name, byte[] bytes, Rename rename) throws IOException {
    Path file = directory.path().resolve(name);
    Path temporary = DurableFiles.temporary(file);
    try {
      DurableFiles.writeTemporary(temporary, bytes);
      directory.change(name, f -> rename.run(temporary, f));
      DurableFiles.syncDirectory(directory.path());
    } catch (IOException | StoreException e) {
      Files.deleteIfExists(temporary);
      throw e;
    }
  }

  private void requireCurrent(String name) {
    if (!directory.current(name)) {
      throw new StoreException(
          Reason.Conflict,
          directory.path().resolve(name) + " was changed by somebody just now; read again");
    }
  }

  private static void renameIfFree(Path temporary, Path file) throws IOException {
    try {
      Libc.renameat2(
          Libc.AT_FDCWD,
          Libc.path(temporary),
          Libc.AT_FDCWD,
          Libc.path(file),
          Libc.RENAME_NOREPLACE);
    } catch (LastErrorException e) {
      switch (e.getErrorCode()) {
        case Libc.EEXIST -> throw new FileAlreadyExistsException(file.toString());
        // A file system without it.
        case Libc.EINVAL, Libc.ENOSYS -> {
          if (Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
            throw new FileAlreadyExistsException(file.toString());
          }
          Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
        }
        default -> throw new FileSystemException(file.toString(), null, Libc.message(e));
      }
    }
  }

  private StoreException unwritable(String name, IOException e) {
    String why =
        e instanceof FileSystemException f && f.getReason() != null
            ? f.getReason()
            : String.valueOf(e.getMessage());
    return new StoreException(
        Reason.Unwritable,
        "the manifest " + directory.path().resolve(name) + " cannot be written: " + why);
  }
}
