package dev.lodge.libvirtxml;

import com.fasterxml.jackson.dataformat.xml.annotation.JacksonXmlProperty;
import dev.lodge.domain.machine.DevicePlan;
import org.jspecify.annotations.Nullable;

/** A text console: a {@code <serial>} or, on virtio, a {@code <console>}. */
record ConsoleXml(
    @JacksonXmlProperty(isAttribute = true) String type,
    Source source,
    Log log,
    Target target,
    AliasXml alias,
    @Nullable AddressXml address) {

  /** The first serial port. libvirt makes it the first {@code <console>} by itself. */
  static ConsoleXml serial(DevicePlan.Console console) {
    return of(console, new Target("isa-serial", 0, new Model("isa-serial")));
  }

  /**
   * A virtio console.
   *
   * @param port its number among all consoles: a serial port is always number 0
   */
  static ConsoleXml virtio(DevicePlan.Console console, int port) {
    return of(console, new Target("virtio", port, null));
  }

  private static ConsoleXml of(DevicePlan.Console console, Target target) {
    return new ConsoleXml(
        "unix",
        new Source("bind", console.socket()),
        // A domain is one start of a guest: its log begins with it. The guest's own reboots, and a
        // libvirtd or an agent that is restarted, go on in the same file.
        new Log(console.log(), "off"),
        target,
        AliasXml.of(console),
        AddressXml.of(console.address()));
  }

  record Source(
      @JacksonXmlProperty(isAttribute = true) String mode,
      @JacksonXmlProperty(isAttribute = true) String path) {}

  record Log(
      @JacksonXmlProperty(isAttribute = true) String file,
      @JacksonXmlProperty(isAttribute = true) String append) {}

  record Target(
      @JacksonXmlProperty(isAttribute = true) String type,
      @JacksonXmlProperty(isAttribute = true) int port,
      @Nullable Model model) {}

  record Model(@JacksonXmlProperty(isAttribute = true) String name) {}
}
