package dev.lodge.domain.machine;

/**
 * The files of one machine that libvirt or QEMU opens. The directory belongs to root and others may
 * enter it, but not write: virtlogd and libvirtd work in it as root, and a QEMU that could make a
 * symlink there would make them write anywhere.
 *
 * @param directory the machine's own, {@code <dir>/<uid>}
 */
public record MachineFiles(String directory) {

  /** All that a console said since the guest was started, as far as virtlogd keeps it. */
  public String log(DevicePlan.Console.Kind kind) {
    return directory + "/" + stem(kind) + ".log";
  }

  /** What the guest before that one said; in a directory of its own, so that no ring meets it. */
  public String previousLog(DevicePlan.Console.Kind kind) {
    return directory + "/previous/" + stem(kind) + ".log";
  }

  /** Where libvirtd listens for a console's input. */
  public String socket(DevicePlan.Console.Kind kind) {
    return directory + "/" + stem(kind) + ".sock";
  }

  /** UEFI variables. */
  public String nvram() {
    return directory + "/nvram.fd";
  }

  private static String stem(DevicePlan.Console.Kind kind) {
    return switch (kind) {
      case SERIAL -> "serial0";
      case VIRTIO -> "virtio0";
    };
  }
}
