package dev.lodge.libvirtxml;

import com.fasterxml.jackson.dataformat.xml.annotation.JacksonXmlProperty;
import dev.lodge.domain.machine.DevicePlan;
import org.jspecify.annotations.Nullable;

/** An input device on USB. */
record InputXml(
    @JacksonXmlProperty(isAttribute = true) String type,
    @JacksonXmlProperty(isAttribute = true) String bus,
    AliasXml alias,
    @Nullable AddressXml address) {

  static InputXml of(DevicePlan.Input input) {
    return new InputXml(input.type(), "usb", AliasXml.of(input), AddressXml.of(input.address()));
  }
}
