package dev.lodge.libvirtxml;

import com.fasterxml.jackson.dataformat.xml.annotation.JacksonXmlProperty;
import dev.lodge.domain.machine.DevicePlan;
import org.jspecify.annotations.Nullable;

/** A channel to a program in the guest; libvirt makes the socket in the domain's directory. */
record ChannelXml(
    @JacksonXmlProperty(isAttribute = true) String type,
    Source source,
    Target target,
    AliasXml alias,
    @Nullable AddressXml address) {

  static ChannelXml of(DevicePlan.Channel channel) {
    return new ChannelXml(
        "unix",
        new Source("bind"),
        new Target("virtio", channel.port()),
        AliasXml.of(channel),
        AddressXml.of(channel.address()));
  }

  record Source(@JacksonXmlProperty(isAttribute = true) String mode) {}

  record Target(
      @JacksonXmlProperty(isAttribute = true) String type,
      @JacksonXmlProperty(isAttribute = true) String name) {}
}
