package dev.lodge.agent.libvirt;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** libvirt's pid files; libvirt has no call for a QEMU's pid. */
record PidFiles(Path directory) {

  /** The pid of a domain's QEMU, or 0: not known. */
  int of(String domainName) {
    try {
      return Integer.parseInt(Files.readString(directory.resolve(domainName + ".pid")).strip());
    } catch (IOException | NumberFormatException e) {
      return 0;
    }
  }
}
