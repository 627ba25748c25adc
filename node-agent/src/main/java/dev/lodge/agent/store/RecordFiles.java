package dev.lodge.agent.store;

import dev.lodge.api.ResourceKind;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * The durable records: {@code STATE/objects/<kind>/<namespace>~<name>.json}, a file for each
 * object.
 */
final class RecordFiles {
  private static final String SUFFIX = ".json";

  private final Path root;

  /** A file that is no whole record: its object keeps its name reserved. */
  record Damaged(Path file, String why) {}

  /** What the state directory holds. */
  record Loaded(List<ObjectRecord> records, List<Damaged> damaged) {}

  private RecordFiles(Path root) {
    this.root = root;
  }

  /** Makes the directories that are missing, and removes what a killed writer left behind. */
  static RecordFiles open(Path root) throws IOException {
    for (ResourceKind kind : ResourceKind.wishes()) {
      Path d = directory(root, kind);
      DurableFiles.makeDirectory(d);
      DurableFiles.dropLeftovers(d);
    }
    DurableFiles.dropLeftovers(root);
    return new RecordFiles(root);
  }

  Loaded load() throws IOException {
    List<ObjectRecord> records = new ArrayList<>();
    List<Damaged> damaged = new ArrayList<>();
    for (ResourceKind kind : ResourceKind.wishes()) {
      try (DirectoryStream<Path> files =
          Files.newDirectoryStream(directory(root, kind), "*" + SUFFIX)) {
        for (Path f : files) {
          try {
            records.add(read(f));
          } catch (IOException e) {
            damaged.add(new Damaged(f, reason(e)));
          }
        }
      }
    }
    return new Loaded(records, damaged);
  }

  /** Tries a damaged file again: a record, or nothing if somebody removed the file. */
  Optional<ObjectRecord> retry(Damaged file) throws IOException {
    try {
      return Optional.of(read(file.file()));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }

  DurableFiles.Change put(ObjectRecord record) {
    return new DurableFiles.Change(file(record.key()), RecordCodec.write(record));
  }

  DurableFiles.Change remove(ObjectKey key) {
    return new DurableFiles.Change(file(key), null);
  }

  /** Where the record of an object is, or would be. */
  Path file(ObjectKey key) {
    String name = key.namespace() + "~" + key.name();
    if (name.indexOf('/') >= 0 || name.indexOf('\0') >= 0) {
      throw new IllegalArgumentException("not a name of an object: " + key);
    }
    return directory(root, key.kind()).resolve(name + SUFFIX);
  }

  /** The object that a record's file is of, by its place. */
  static ObjectKey key(Path file) {
    String name = file.getFileName().toString();
    int tilde = name.indexOf('~');
    Path directory = file.getParent();
    ResourceKind kind =
        ResourceKind.byName(directory == null ? "" : directory.getFileName().toString())
            .orElseThrow(() -> new IllegalArgumentException("no place of a record: " + file));
    return new ObjectKey(
        kind,
        tilde < 0 ? "" : name.substring(0, tilde),
        name.substring(tilde + 1, name.length() - SUFFIX.length()));
  }

  private ObjectRecord read(Path f) throws IOException {
    if (!Files.isRegularFile(f, LinkOption.NOFOLLOW_LINKS)) {
      if (!Files.exists(f, LinkOption.NOFOLLOW_LINKS)) {
        throw new NoSuchFileException(f.toString());
      }
      throw new IOException("it is not a regular file");
    }
    ObjectRecord r = RecordCodec.read(Files.readAllBytes(f));
    if (!file(r.key()).equals(f)) {
      throw new IOException("it holds " + r.key() + ", which belongs in " + file(r.key()));
    }
    return r;
  }

  private static String reason(IOException e) {
    String message = e.getMessage();
    return message == null ? e.getClass().getSimpleName() : message;
  }

  private static Path directory(Path root, ResourceKind kind) {
    return root.resolve(kind.singular().toLowerCase(Locale.ROOT));
  }
}
