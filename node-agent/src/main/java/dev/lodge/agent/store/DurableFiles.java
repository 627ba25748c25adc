package dev.lodge.agent.store;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Small files that are there whole or not at all, also after a power cut: temporary file, fsync,
 * rename, fsync of the directory. Many at once cost little more than one, because the file system
 * writes its journal once for all.
 */
public final class DurableFiles {
  private static final String TEMPORARY = ".lodge-tmp-";
  private static final FileAttribute<?> FILE_MODE =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
  private static final FileAttribute<?> DIRECTORY_MODE =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

  private static final int WORTH_THREADS = 4;
  private static final ExecutorService WRITERS = writers();

  private DurableFiles() {}

  /**
   * A file to be.
   *
   * @param content null: the file is to go
   */
  public record Change(Path file, byte @Nullable [] content) {}

  /**
   * Makes all changes. On failure some may have been made, each of them whole; a full disk shows
   * before the first of them.
   */
  public static void apply(List<Change> changes) throws IOException {
    try {
      writeTemporaries(changes.stream().filter(c -> c.content() != null).toList());
      Set<Path> directories = new LinkedHashSet<>();
      for (Change c : changes) {
        if (c.content() != null) {
          Files.move(
              temporary(c.file()),
              c.file(),
              StandardCopyOption.ATOMIC_MOVE,
              StandardCopyOption.REPLACE_EXISTING);
        } else {
          Files.deleteIfExists(c.file());
        }
        directories.add(parent(c.file()));
      }
      for (Path d : directories) {
        syncDirectory(d);
      }
    } catch (IOException e) {
      for (Change c : changes) {
        dropTemporary(c, e);
      }
      throw e;
    }
  }

  /**
   * Each file waits for a write of the journal; those that wait at the same time share one. So many
   * files are written by some threads at once.
   */
  private static void writeTemporaries(List<Change> changes) throws IOException {
    if (changes.size() < WORTH_THREADS) {
      for (Change c : changes) {
        writeTemporary(c);
      }
      return;
    }
    List<Future<?>> writes = new ArrayList<>();
    for (Change c : changes) {
      writes.add(
          WRITERS.submit(
              () -> {
                writeTemporary(c);
                return c;
              }));
    }
    IOException failure = null;
    for (Future<?> w : writes) {
      try {
        w.get();
      } catch (ExecutionException e) {
        failure = e.getCause() instanceof IOException io ? io : new IOException(e.getCause());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        failure = new InterruptedIOException("interrupted while files were written");
      }
    }
    if (failure != null) {
      throw failure;
    }
  }

  private static void writeTemporary(Change c) throws IOException {
    if (c.content() != null) {
      writeTemporary(temporary(c.file()), c.content());
    }
  }

  /** Writes one file. */
  public static void write(Path file, byte[] content) throws IOException {
    apply(List.of(new Change(file, content)));
  }

  /** Makes a file that is durable itself, but not yet its name; mode 0600, never through a link. */
  public static void writeTemporary(Path file, byte[] content) throws IOException {
    Files.deleteIfExists(file);
    try (FileChannel out =
        FileChannel.open(
            file, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), FILE_MODE)) {
      ByteBuffer buffer = ByteBuffer.wrap(content);
      while (buffer.hasRemaining()) {
        out.write(buffer);
      }
      out.force(false);
    }
  }

  /** Where the temporary file of a file is: beside it, and of a name that no reader takes. */
  public static Path temporary(Path file) {
    return file.resolveSibling(TEMPORARY + file.getFileName());
  }

  /** Makes names in a directory durable. */
  public static void syncDirectory(Path directory) throws IOException {
    try (FileChannel d = FileChannel.open(directory, StandardOpenOption.READ)) {
      d.force(true);
    }
  }

  /** Removes what a writer that was killed left behind. */
  public static void dropLeftovers(Path directory) throws IOException {
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, TEMPORARY + "*")) {
      for (Path f : files) {
        Files.deleteIfExists(f);
      }
    }
  }

  /** A directory that only its owner sees, with its parents; durable. */
  public static void makeDirectory(Path directory) throws IOException {
    if (!Files.isDirectory(directory)) {
      Files.createDirectories(directory, DIRECTORY_MODE);
      syncDirectory(parent(directory));
    }
  }

  private static void dropTemporary(Change c, IOException cause) {
    try {
      Files.deleteIfExists(temporary(c.file()));
    } catch (NoSuchFileException e) {
      // The directory is gone: nothing is left behind.
    } catch (IOException e) {
      cause.addSuppressed(e);
    }
  }

  /** Threads that are there only while there is much to write. */
  private static ExecutorService writers() {
    ThreadPoolExecutor threads =
        new ThreadPoolExecutor(
            8,
            8,
            2,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            Thread.ofPlatform().daemon().name("lodge-state-", 0).factory());
    threads.allowCoreThreadTimeOut(true);
    return threads;
  }

  private static Path parent(Path file) {
    Path parent = file.toAbsolutePath().getParent();
    if (parent == null) {
      throw new IllegalArgumentException(file + " has no directory");
    }
    return parent;
  }
}
