package dev.lodge.agent.source;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Map;

/**
 * By what a file is recognised without reading it; all of it changes with every write or rename.
 */
record Fingerprint(
    long device, long inode, long size, FileTime modified, FileTime changed, int mode, int links) {
  private static final int TYPE = 0170000;
  private static final int REGULAR = 0100000;
  private static final int DIRECTORY = 0040000;
  private static final int LINK = 0120000;

  /** Of the file that a link leads to, unless told otherwise. */
  static Fingerprint of(Path file, LinkOption... options) throws IOException {
    Map<String, Object> a =
        Files.readAttributes(file, "unix:dev,ino,size,lastModifiedTime,ctime,mode,nlink", options);
    return new Fingerprint(
        number(a, "dev"),
        number(a, "ino"),
        number(a, "size"),
        time(a, "lastModifiedTime"),
        time(a, "ctime"),
        (int) number(a, "mode"),
        (int) number(a, "nlink"));
  }

  boolean regular() {
    return (mode & TYPE) == REGULAR;
  }

  boolean directory() {
    return (mode & TYPE) == DIRECTORY;
  }

  boolean link() {
    return (mode & TYPE) == LINK;
  }

  private static long number(Map<String, Object> attributes, String name) {
    if (attributes.get(name) instanceof Number n) {
      return n.longValue();
    }
    throw new IllegalStateException("no attribute unix:" + name);
  }

  private static FileTime time(Map<String, Object> attributes, String name) {
    if (attributes.get(name) instanceof FileTime t) {
      return t;
    }
    throw new IllegalStateException("no attribute unix:" + name);
  }
}
