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
    String[] p = text.split("[:.]", -1);
    return switch (p[0] + "/" + p.length) {
      case "pci/5" ->
          new Pci(number(p[1], 16), number(p[2], 16), number(p[3], 16), number(p[4], 16));
      case "drive/5" ->
          new Drive(number(p[1], 10), number(p[2], 10), number(p[3], 10), number(p[4], 10));
      case "virtio-serial/4" ->
          new VirtioSerial(number(p[1], 10), number(p[2], 10), number(p[3], 10));
      case "usb/3" -> new Usb(number(p[1], 10), number(p[2], 10));
      default -> throw new IllegalArgumentException("no device address: " + text);
    };
  }

  private static int number(String digits, int radix) {
    int number = Integer.parseInt(digits, radix);
    if (number < 0) {
      throw new IllegalArgumentException("no part of a device address: " + digits);
    }
    return number;
  }
}
