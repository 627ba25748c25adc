package dev.lodge.libvirtxml;

import com.fasterxml.jackson.dataformat.xml.annotation.JacksonXmlProperty;

/** The host's side of sound: VNC wants the statement that there is none. */
record AudioXml(
    @JacksonXmlProperty(isAttribute = true) int id,
    @JacksonXmlProperty(isAttribute = true) String type) {
  static final AudioXml NONE = new AudioXml(1, "none");
}
