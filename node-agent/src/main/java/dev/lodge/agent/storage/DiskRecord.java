package dev.lodge.agent.storage;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.lodge.agent.store.DurableFiles;
import dev.lodge.domain.image.EmptyQcow2;
import dev.lodge.manifest.LodgeJson;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * What a disk was made of, kept beside it.
 *
 * @param origin {@code blank}, or {@code image <namespace>/<name>}: a disk keeps its content, so
 *     the spec may not name another one later
 * @param format QEMU's word
 * @param virtualSize in bytes
 * @param backing the image below a linked clone
 * @param imageDigest of the image
 * @param keep {@code retain: Keep}, as the spec last said
 */
record DiskRecord(
    String origin,
    String format,
    long virtualSize,
    EmptyQcow2.@Nullable Backing backing,
    @Nullable String imageDigest,
    boolean keep) {

  static final String FILE = "disk.json";

  /** The file with the content, in the disk's directory. */
  Path content(Path directory) {
    return directory.resolve("disk." + format);
  }

  DiskRecord withSize(long size) {
    return new DiskRecord(origin, format, size, backing, imageDigest, keep);
  }

  DiskRecord withKeep(boolean now) {
    return new DiskRecord(origin, format, virtualSize, backing, imageDigest, now);
  }

  /**
   * Reads the record of a disk.
   *
   * @throws IOException it is gone or torn: nobody guesses what the disk was
   */
  static DiskRecord read(Path directory) throws IOException {
    Path file = directory.resolve(FILE);
    try {
      return LodgeJson.read(
          LodgeJson.mapper().readTree(Files.readAllBytes(file)), DiskRecord.class);
    } catch (JsonProcessingException | IllegalArgumentException e) {
      throw new IOException(file + " cannot be read; restore it from a backup", e);
    }
  }

  /** Writes the record into the directory of a disk that has its name already. */
  void write(Path directory) throws IOException {
    DurableFiles.write(directory.resolve(FILE), json());
  }

  /** Writes the record into a directory that gets its name later: one sync less. */
  void create(Path directory) throws IOException {
    DurableFiles.writeTemporary(directory.resolve(FILE), json());
  }

  private byte[] json() throws IOException {
    return LodgeJson.mapper().writeValueAsBytes(LodgeJson.tree(this));
  }
}
