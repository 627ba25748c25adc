package dev.lodge.libvirtxml;

import com.fasterxml.jackson.dataformat.xml.annotation.JacksonXmlProperty;
import dev.lodge.domain.machine.DevicePlan;

/** pvpanic on its usual port. */
record PanicXml(
    @JacksonXmlProperty(isAttribute = true) String model, AliasXml alias, AddressXml address) {

  static PanicXml of(DevicePlan.Panic panic) {
    return new PanicXml("isa", AliasXml.of(panic), AddressXml.isa("0x505"));
  }
}
