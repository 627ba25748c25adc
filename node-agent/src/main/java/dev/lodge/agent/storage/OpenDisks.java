package dev.lodge.agent.storage;

import dev.lodge.agent.hostfile.FileFacts;
import dev.lodge.agent.hostfile.FileFacts.Sort;
import dev.lodge.agent.hostfile.FileId;
import dev.lodge.agent.storage.ResolvedDisk.Use;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Who has which file or device open for writing, by number: a path says nothing, because every QEMU
 * has a /dev of its own.
 *
 * @param proc {@code /proc}
 */
public record OpenDisks(Path proc) {
  private static final int ACCESS_MODE = 3;

  /** This host. */
  public static final OpenDisks HOST = new OpenDisks(Path.of("/proc"));

  /** Files and block devices that a process can write; none if there is no such process. */
  public Set<FileId> writtenBy(long pid) {
    Set<FileId> written = new LinkedHashSet<>();
    Path process = proc.resolve(String.valueOf(pid));
    for (Path fd : children(process.resolve("fd"))) {
      try {
        FileFacts facts = FileFacts.of(fd);
        boolean disk = facts.sort() == Sort.REGULAR || facts.sort() == Sort.BLOCK;
        if (disk && writable(process.resolve("fdinfo").resolve(fd.getFileName()))) {
          written.add(facts.id());
        }
      } catch (IOException e) {
        // Closed meanwhile.
      }
    }
    return written;
  }

  /** Disks that QEMU should be writing but has not open: it opened something else. */
  public List<String> missing(long pid, Collection<ResolvedDisk> disks) {
    Set<FileId> open = writtenBy(pid);
    return disks.stream()
        .filter(disk -> disk.use() != Use.READ && !open.contains(disk.id()))
        .map(ResolvedDisk::name)
        .toList();
  }

  /** All processes that are a QEMU by their name, ours or not, with what they write. */
  Map<Long, Set<FileId>> qemus() {
    Map<Long, Set<FileId>> found = new LinkedHashMap<>();
    for (Path process : children(proc)) {
      String name = process.getFileName().toString();
      if (name.chars().allMatch(Character::isDigit) && isQemu(process)) {
        found.put(Long.valueOf(name), writtenBy(Long.parseLong(name)));
      }
    }
    return found;
  }

  private static boolean isQemu(Path process) {
    try {
      return Files.readString(process.resolve("comm")).startsWith("qemu");
    } catch (IOException e) {
      return false;
    }
  }

  private static boolean writable(Path fdinfo) throws IOException {
    for (String line : Files.readAllLines(fdinfo)) {
      if (line.startsWith("flags:")) {
        return (Long.parseLong(line.substring(6).strip(), 8) & ACCESS_MODE) != 0;
      }
    }
    return false;
  }

  private static List<Path> children(Path directory) {
    List<Path> found = new ArrayList<>();
    try (DirectoryStream<Path> children = Files.newDirectoryStream(directory)) {
      children.forEach(found::add);
    } catch (IOException | java.nio.file.DirectoryIteratorException e) {
      // The process is gone, or not ours to look into.
      return found;
    }
    return found;
  }
}
