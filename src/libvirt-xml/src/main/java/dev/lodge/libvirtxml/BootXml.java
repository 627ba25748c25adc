package dev.lodge.libvirtxml;

import com.fasterxml.jackson.dataformat.xml.annotation.JacksonXmlProperty;
import org.jspecify.annotations.Nullable;

/** A device's place in the boot order, 1 first. */
record BootXml(@JacksonXmlProperty(isAttribute = true) int order) {
  static @Nullable BootXml of(@Nullable Integer order) {
    return order == null ? null : new BootXml(order);
  }
}
