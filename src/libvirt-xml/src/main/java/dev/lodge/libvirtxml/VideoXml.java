package dev.lodge.libvirtxml;

import com.fasterxml.jackson.dataformat.xml.annotation.JacksonXmlProperty;
import dev.lodge.domain.machine.DevicePlan;
import org.jspecify.annotations.Nullable;

/** A graphics card. Its memory is part of the guest's hardware and so written out, in KiB. */
record VideoXml(Model model, AliasXml alias, @Nullable AddressXml address) {

  static VideoXml of(DevicePlan.Video video) {
    return new VideoXml(
        Model.of(video.model()), AliasXml.of(video), AddressXml.of(video.address()));
  }

  record Model(
      @JacksonXmlProperty(isAttribute = true) String type,
      @JacksonXmlProperty(isAttribute = true) @Nullable Integer ram,
      @JacksonXmlProperty(isAttribute = true) @Nullable Integer vram,
      @JacksonXmlProperty(isAttribute = true) @Nullable Integer vgamem,
      @JacksonXmlProperty(isAttribute = true) int heads,
      @JacksonXmlProperty(isAttribute = true) String primary) {

    static Model of(String model) {
      return switch (model) {
        case "qxl" -> new Model(model, 65536, 65536, 16384, 1, "yes");
        case "vga" -> new Model(model, null, 16384, null, 1, "yes");
        default -> new Model(model, null, null, null, 1, "yes");
      };
    }
  }
}
