package dev.lodge.libvirtxml;

import com.fasterxml.jackson.dataformat.xml.annotation.JacksonXmlProperty;
import dev.lodge.domain.machine.DevicePlan;
import org.jspecify.annotations.Nullable;

/** A VNC server on a unix socket; no port is open anywhere. */
record GraphicsXml(
    @JacksonXmlProperty(isAttribute = true) String type,
    @JacksonXmlProperty(isAttribute = true) @Nullable String keymap,
    Listen listen) {

  static GraphicsXml of(DevicePlan.Graphics graphics) {
    return new GraphicsXml("vnc", graphics.keymap(), new Listen("socket", graphics.socket()));
  }

  record Listen(
      @JacksonXmlProperty(isAttribute = true) String type,
      @JacksonXmlProperty(isAttribute = true) @Nullable String socket) {}
}
