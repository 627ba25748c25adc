package dev.lodge.libvirtxml;

import com.fasterxml.jackson.dataformat.xml.annotation.JacksonXmlProperty;
import dev.lodge.domain.machine.DevicePlan;
import org.jspecify.annotations.Nullable;

/** A network interface. One that is not booted from has no option ROM: firmware starts sooner. */
record InterfaceXml(
    @JacksonXmlProperty(isAttribute = true) String type,
    Mac mac,
    Source source,
    Target target,
    Model model,
    Link link,
    @Nullable BootXml boot,
    @Nullable Rom rom,
    AliasXml alias,
    @Nullable AddressXml address) {

  static InterfaceXml of(DevicePlan.Interface nic) {
    return new InterfaceXml(
        "network",
        new Mac(nic.mac()),
        new Source(nic.network()),
        new Target(nic.target()),
        new Model(nic.model()),
        new Link(nic.linkUp() ? "up" : "down"),
        BootXml.of(nic.bootOrder()),
        nic.bootOrder() == null ? new Rom("no") : null,
        AliasXml.of(nic),
        AddressXml.of(nic.address()));
  }

  record Mac(@JacksonXmlProperty(isAttribute = true) String address) {}

  record Source(@JacksonXmlProperty(isAttribute = true) String network) {}

  record Target(@JacksonXmlProperty(isAttribute = true) String dev) {}

  record Model(@JacksonXmlProperty(isAttribute = true) String type) {}

  record Link(@JacksonXmlProperty(isAttribute = true) String state) {}

  record Rom(@JacksonXmlProperty(isAttribute = true) String enabled) {}
}
