package dev.lodge.libvirtxml;

import com.fasterxml.jackson.dataformat.xml.annotation.JacksonXmlProperty;
import com.fasterxml.jackson.dataformat.xml.annotation.JacksonXmlText;
import dev.lodge.domain.machine.MachinePlan;
import org.jspecify.annotations.Nullable;

/** SMBIOS strings that the user set. */
record SysinfoXml(@JacksonXmlProperty(isAttribute = true) String type, Table system) {

  static @Nullable SysinfoXml of(MachinePlan plan) {
    String serial = plan.smbiosSerial();
    return serial == null ? null : new SysinfoXml("smbios", new Table(new Entry("serial", serial)));
  }

  record Table(Entry entry) {}

  record Entry(@JacksonXmlProperty(isAttribute = true) String name, @JacksonXmlText String value) {}
}
