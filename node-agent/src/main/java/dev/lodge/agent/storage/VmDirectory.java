package dev.lodge.agent.storage;

import dev.lodge.agent.image.Trees;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The files of one VM. Root owns all directories, and others may enter but not list or write them.
 *
 * @param root {@code <state>/vms/<uid>}
 */
record VmDirectory(Path root) {

  /**
   * The directory of a VM; not made yet.
   *
   * @throws IllegalArgumentException if the UID is none
   */
  static VmDirectory of(Path vms, String uid) {
    if (!uid.matches("[0-9A-Za-z-]{1,64}")) {
      throw new IllegalArgumentException("no UID: " + uid);
    }
    return new VmDirectory(vms.resolve(uid));
  }

  /** Disks that Lodge made: one directory each, {@link OwnDisk}. */
  Path disks() {
    return root.resolve("disks");
  }

  /** Second names of host files, see {@link dev.lodge.agent.hostfile.BindMounts}. */
  Path host() {
    return root.resolve("host");
  }

  /** Private copies of kernel, initial RAM disk and firmware. */
  Path boot() {
    return root.resolve("boot");
  }

  /** The cloud-init CD-ROM. */
  Path seed() {
    return root.resolve("seed.iso");
  }

  /** Images that are read in place, one path a line, so that nobody collects them. */
  Path media() {
    return root.resolve("media");
  }

  /** Makes a directory of this VM, and those above it. */
  static Path make(Path directory) throws IOException {
    return Trees.make(directory, Trees.ENTER);
  }

  /** What is in a directory; nothing if it is not there. */
  static List<Path> children(Path directory) throws IOException {
    List<Path> found = new ArrayList<>();
    try (DirectoryStream<Path> children = Files.newDirectoryStream(directory)) {
      children.forEach(found::add);
    } catch (NoSuchFileException e) {
      return List.of();
    }
    return found;
  }
}
