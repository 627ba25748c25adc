package dev.lodge.libvirtxml;

import com.fasterxml.jackson.dataformat.xml.annotation.JacksonXmlProperty;
import com.fasterxml.jackson.dataformat.xml.annotation.JacksonXmlText;
import dev.lodge.domain.machine.DevicePlan;
import org.jspecify.annotations.Nullable;

/** Random numbers from the host, which never blocks. */
record RngXml(
    @JacksonXmlProperty(isAttribute = true) String model,
    Backend backend,
    AliasXml alias,
    @Nullable AddressXml address) {

  static RngXml of(DevicePlan.Rng rng) {
    return new RngXml(
        "virtio",
        new Backend("random", "/dev/urandom"),
        AliasXml.of(rng),
        AddressXml.of(rng.address()));
  }

  record Backend(
      @JacksonXmlProperty(isAttribute = true) String model, @JacksonXmlText String path) {}
}
