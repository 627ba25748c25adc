package dev.lodge.agent.storage;

import dev.lodge.agent.hostfile.FileFacts;
import dev.lodge.agent.hostfile.FileId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * What a write to a file or device reaches: itself, the disk that a partition is part of, the
 * devices below a mapped one, the file behind a loop device.
 *
 * @param sys {@code /sys/dev/block}
 */
record BlockTopology(Path sys) {
  static final BlockTopology HOST = new BlockTopology(Path.of("/sys/dev/block"));

  /** The file or device and all that lies below it. */
  Set<FileId> below(FileId id) throws IOException {
    Set<FileId> found = new LinkedHashSet<>();
    add(found, id);
    return found;
  }

  private void add(Set<FileId> found, FileId id) throws IOException {
    Path link = sys.resolve(id.deviceNumber());
    if (!found.add(id) || !id.block() || !Files.exists(link)) {
      return;
    }
    Path device = link.toRealPath();
    if (Files.exists(device.resolve("partition"))) {
      add(found, number(device.resolve("../dev")));
    }
    Path backing = device.resolve("loop/backing_file");
    if (Files.exists(backing)) {
      Path file = Path.of(Files.readString(backing).strip());
      if (Files.exists(file)) {
        add(found, FileFacts.of(file).id());
      }
    }
    for (Path slave : VmDirectory.children(device.resolve("slaves"))) {
      add(found, number(slave.resolve("dev")));
    }
  }

  private static FileId number(Path file) throws IOException {
    return device(Files.readString(file).strip());
  }

  /** Reads {@code major:minor} into what stat would say. */
  static FileId device(String number) {
    String[] parts = number.split(":");
    long major = Long.parseLong(parts[0]);
    long minor = Long.parseLong(parts[1]);
    long device =
        (major & 0xfff) << 8 | (major & ~0xfffL) << 32 | minor & 0xff | (minor & ~0xffL) << 12;
    return new FileId(true, device, 0);
  }
}
