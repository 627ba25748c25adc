package dev.lodge.agent.hostfile;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/**
 * What stat says.
 *
 * @param size in bytes; of a block device, that of the device
 * @param stamp changes with the content: size, mtime and ctime
 */
public record FileFacts(Sort sort, FileId id, long size, String stamp) {

  /** Sorts of files. */
  public enum Sort {
    REGULAR,
    BLOCK,
    DIRECTORY,
    SYMLINK,
    OTHER
  }

  /** Follows symbolic links, {@code /proc/self/fd/N} too. */
  public static FileFacts of(Path path) throws IOException {
    return read(path);
  }

  /** Of a symbolic link: of the link itself. */
  public static FileFacts ofLink(Path path) throws IOException {
    return read(path, LinkOption.NOFOLLOW_LINKS);
  }

  private static FileFacts read(Path path, LinkOption... options) throws IOException {
    Map<String, Object> a =
        Files.readAttributes(path, "unix:mode,dev,ino,rdev,size,lastModifiedTime,ctime", options);
    Sort sort =
        switch ((int) (number(a, "mode") >> 12 & 0xf)) {
          case 8 -> Sort.REGULAR;
          case 6 -> Sort.BLOCK;
          case 4 -> Sort.DIRECTORY;
          case 10 -> Sort.SYMLINK;
          default -> Sort.OTHER;
        };
    FileId id =
        sort == Sort.BLOCK
            ? new FileId(true, number(a, "rdev"), 0)
            : new FileId(false, number(a, "dev"), number(a, "ino"));
    long size = sort == Sort.BLOCK ? blockSize(id) : number(a, "size");
    String stamp = size + "/" + nanos(a, "lastModifiedTime") + "/" + nanos(a, "ctime");
    return new FileFacts(sort, id, size, stamp);
  }

  private static long number(Map<String, Object> attributes, String name) {
    return ((Number) Objects.requireNonNull(attributes.get(name))).longValue();
  }

  private static long nanos(Map<String, Object> attributes, String name) {
    return ((FileTime) Objects.requireNonNull(attributes.get(name))).to(TimeUnit.NANOSECONDS);
  }

  /** The kernel counts sectors of 512 bytes here, whatever the device's own are. */
  private static long blockSize(FileId id) throws IOException {
    Path size = Path.of("/sys/dev/block", id.deviceNumber(), "size");
    return Long.parseLong(Files.readString(size).strip()) * 512;
  }
}
