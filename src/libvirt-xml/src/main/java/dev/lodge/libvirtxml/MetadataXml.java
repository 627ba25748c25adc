package dev.lodge.libvirtxml;

import com.fasterxml.jackson.dataformat.xml.annotation.JacksonXmlProperty;
import dev.lodge.domain.machine.MachineIdentity;

/** What makes a domain ours; a domain without it is never touched. */
record MetadataXml(@JacksonXmlProperty(namespace = Xml.NAMESPACE) Machine machine) {

  static MetadataXml of(MachineIdentity identity) {
    return new MetadataXml(
        new Machine(identity.namespace(), identity.name(), identity.uid(), identity.epoch()));
  }

  record Machine(
      @JacksonXmlProperty(isAttribute = true) String namespace,
      @JacksonXmlProperty(isAttribute = true) String name,
      @JacksonXmlProperty(isAttribute = true) String uid,
      @JacksonXmlProperty(isAttribute = true) long epoch) {}
}
