package dev.lodge.domain.machine;

import org.jspecify.annotations.Nullable;

/**
 * One device. Every device has a name of ours ({@code disk/root}, {@code interface/lan}), from
 * which libvirt's {@code ua-} alias is made, and an address unless its bus has only one place for
 * it.
 */
public sealed interface DevicePlan {

  /** Our name of the device; the key under which its address is pinned. */
  String name();

  /** Its address, or null where there is only one place. */
  @Nullable DeviceAddress address();

  /** The alias that libvirt keeps: {@code ua-} and the name with its slashes turned to dashes. */
  default String alias() {
    return "ua-" + name().replace('/', '-');
  }

  /**
   * A disk or CD-ROM.
   *
   * @param target target device in libvirt, e.g. {@code vda}
   * @param source null: an empty CD-ROM drive
   * @param cache libvirt's cache word; likewise {@code io}, {@code discard}, {@code errorPolicy}
   * @param iothread 1-based iothread, only on virtio
   */
  record Disk(
      String name,
      Device device,
      Bus bus,
      String target,
      @Nullable Source source,
      String cache,
      @Nullable String io,
      String discard,
      String errorPolicy,
      boolean readOnly,
      boolean shareable,
      @Nullable String serial,
      @Nullable Integer bootOrder,
      @Nullable Integer iothread,
      @Nullable DeviceAddress address)
      implements DevicePlan {

    public enum Device {
      DISK,
      CDROM
    }

    public enum Bus {
      VIRTIO,
      SCSI,
      SATA,
      IDE,
      USB
    }

    /**
     * What the disk is made of.
     *
     * @param path of a file or block device on the host
     * @param format {@code raw} or {@code qcow2}; always declared, never guessed
     * @param backing null: the layer stands alone, which is declared too
     */
    public record Source(boolean block, String path, String format, @Nullable Source backing) {}
  }

  /**
   * A network interface on a libvirt network.
   *
   * @param network libvirt's name of the network
   * @param target host side device, at most 15 characters
   */
  record Interface(
      String name,
      String mac,
      String network,
      String model,
      String target,
      boolean linkUp,
      @Nullable Integer bootOrder,
      @Nullable DeviceAddress address)
      implements DevicePlan {}

  /** A controller: {@code type} and {@code model} in libvirt's words. */
  record Controller(
      String name, String type, int index, @Nullable String model, @Nullable DeviceAddress address)
      implements DevicePlan {
    /** The model of a PCI Express root port; its bus has the number of its index. */
    public static final String ROOT_PORT = "pcie-root-port";

    /** Ports of a USB controller, the most that qemu-xhci has. */
    public static final int USB_PORTS = 15;
  }

  /**
   * A text console.
   *
   * <p>It is a listening unix socket rather than a pty: QEMU looks only once a second whether
   * somebody opened a pty, and wakes up for it.
   *
   * @param log file into which virtlogd writes all output, a ring by virtlogd's own settings
   * @param socket where libvirtd listens for the one that types
   */
  record Console(String name, Kind kind, String log, String socket, @Nullable DeviceAddress address)
      implements DevicePlan {
    public enum Kind {
      SERIAL,
      VIRTIO
    }
  }

  /**
   * A VNC server on a unix socket that only the host's root reaches.
   *
   * @param socket null: libvirt makes one in the domain's private directory, so that QEMU needs no
   *     right to write in any directory of ours
   */
  record Graphics(String name, @Nullable String socket, @Nullable String keymap)
      implements DevicePlan {
    @Override
    public @Nullable DeviceAddress address() {
      return null;
    }
  }

  /** A graphics card; {@code model} in libvirt's words. */
  record Video(String name, String model, @Nullable DeviceAddress address) implements DevicePlan {}

  /** An input device on USB: {@code tablet}. */
  record Input(String name, String type, @Nullable DeviceAddress address) implements DevicePlan {}

  record Rng(String name, @Nullable DeviceAddress address) implements DevicePlan {}

  /** A memory balloon, or the statement that there is none. */
  record Balloon(String name, boolean present, @Nullable DeviceAddress address)
      implements DevicePlan {}

  /** The i6300esb watchdog; {@code action} in libvirt's words. */
  record Watchdog(String name, String action, @Nullable DeviceAddress address)
      implements DevicePlan {}

  /** A virtio-serial channel to a guest program, by its port name. */
  record Channel(String name, String port, @Nullable DeviceAddress address) implements DevicePlan {}

  /** pvpanic: tells of a guest panic. */
  record Panic(String name) implements DevicePlan {
    @Override
    public @Nullable DeviceAddress address() {
      return null;
    }
  }
}
