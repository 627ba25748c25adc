package dev.lodge.domain.machine;

/** Where a device sits. The text form is kept in {@code status.hardware.devices}. */
public sealed interface DeviceAddress {

  /** The form that {@link #parse} reads back. */
  String text();

  /** A PCI slot and function; numbers as libvirt's schema bounds them. */
  record Pci(int domain, int bus, int slot, int function) implements DeviceAddress {
    @Override
    public String text() {
      return "pci:%04x:%02x:%02x.%x".formatted(domain, bus, slot, function);
    }
  }

  /** A place on an IDE, SATA or SCSI controller. */
  record Drive(int controller, int bus, int target, int unit) implements DeviceAddress {
    @Override
    public String text() {
      return "drive:%d:%d:%d:%d".formatted(controller, bus, target, unit);
    }
  }

  /** A port of a virtio-serial controller. */
  record VirtioSerial(int controller, int bus, int port) implements DeviceAddress {
    @Override
    public String text() {
      return "virtio-serial:%d:%d:%d".formatted(controller, bus, port);
    }
  }

  /** A port of a USB controller. */
  record Usb(int bus, int port) implements DeviceAddress {
    @Override
    public String text() {
      return "usb:%d:%d".formatted(bus, port);
    }
  }

  /**
   * Reads {@link #text} back.
   *
   * @throws IllegalArgumentException if the text has another form
   */
  static DeviceAddress parse(String text) {
    String[] p = text.split("[:.]");
    return switch (p[0]) {
      case "pci" ->
          new Pci(
              Integer.parseInt(p[1], 16),
              Integer.parseInt(p[2], 16),
              Integer.parseInt(p[3], 16),
              Integer.parseInt(p[4], 16));
      case "drive" ->
          new Drive(
              Integer.parseInt(p[1]),
              Integer.parseInt(p[2]),
              Integer.parseInt(p[3]),
              Integer.parseInt(p[4]));
      case "virtio-serial" ->
          new VirtioSerial(Integer.parseInt(p[1]), Integer.parseInt(p[2]), Integer.parseInt(p[3]));
      case "usb" -> new Usb(Integer.parseInt(p[1]), Integer.parseInt(p[2]));
      default -> throw new IllegalArgumentException("no device address: " + text);
    };
  }
}
