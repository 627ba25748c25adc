package dev.lodge.libvirtxml;

import com.fasterxml.jackson.dataformat.xml.annotation.JacksonXmlProperty;
import dev.lodge.domain.machine.DevicePlan;

/** The name of ours that libvirt keeps for a device. */
record AliasXml(@JacksonXmlProperty(isAttribute = true) String name) {
  static AliasXml of(DevicePlan device) {
    return new AliasXml(device.alias());
  }
}
