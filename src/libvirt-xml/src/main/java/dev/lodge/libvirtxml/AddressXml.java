package dev.lodge.libvirtxml;

import com.fasterxml.jackson.dataformat.xml.annotation.JacksonXmlProperty;
import dev.lodge.domain.machine.DeviceAddress;
import org.jspecify.annotations.Nullable;

/** Where a device sits. */
record AddressXml(
    @JacksonXmlProperty(isAttribute = true) String type,
    @JacksonXmlProperty(isAttribute = true) @Nullable String controller,
    @JacksonXmlProperty(isAttribute = true) @Nullable String domain,
    @JacksonXmlProperty(isAttribute = true) @Nullable String bus,
    @JacksonXmlProperty(isAttribute = true) @Nullable String target,
    @JacksonXmlProperty(isAttribute = true) @Nullable String unit,
    @JacksonXmlProperty(isAttribute = true) @Nullable String slot,
    @JacksonXmlProperty(isAttribute = true) @Nullable String function,
    @JacksonXmlProperty(isAttribute = true) @Nullable String multifunction,
    @JacksonXmlProperty(isAttribute = true) @Nullable String port,
    @JacksonXmlProperty(isAttribute = true) @Nullable String iobase) {

  /** The place, or nothing where there is only one. */
  static @Nullable AddressXml of(@Nullable DeviceAddress address) {
    return switch (address) {
      case null -> null;
      case DeviceAddress.Pci a -> pci(a, null);
      case DeviceAddress.Drive a ->
          new AddressXml(
              "drive",
              text(a.controller()),
              null,
              text(a.bus()),
              text(a.target()),
              text(a.unit()),
              null,
              null,
              null,
              null,
              null);
      case DeviceAddress.VirtioSerial a ->
          port("virtio-serial", text(a.controller()), a.bus(), a.port());
      case DeviceAddress.Usb a -> port("usb", null, a.bus(), a.port());
    };
  }

  /** A slot that several functions share: function 0 must say so, or only it is found. */
  static AddressXml multifunction(DeviceAddress.Pci address) {
    return pci(address, address.function() == 0 ? "on" : null);
  }

  /** A place on the ISA bus. */
  static AddressXml isa(String iobase) {
    return new AddressXml("isa", null, null, null, null, null, null, null, null, null, iobase);
  }

  private static AddressXml pci(DeviceAddress.Pci a, @Nullable String multifunction) {
    return new AddressXml(
        "pci",
        null,
        "0x%04x".formatted(a.domain()),
        "0x%02x".formatted(a.bus()),
        null,
        null,
        "0x%02x".formatted(a.slot()),
        "0x%x".formatted(a.function()),
        multifunction,
        null,
        null);
  }

  private static AddressXml port(String type, @Nullable String controller, int bus, int port) {
    return new AddressXml(
        type, controller, null, text(bus), null, null, null, null, null, text(port), null);
  }

  private static String text(int number) {
    return Integer.toString(number);
  }
}
