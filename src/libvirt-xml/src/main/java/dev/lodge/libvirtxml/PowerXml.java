package dev.lodge.libvirtxml;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.dataformat.xml.annotation.JacksonXmlProperty;
import dev.lodge.domain.machine.MachinePlan;
import org.jspecify.annotations.Nullable;

/** No sleep states: a guest that fell asleep would have nobody to wake it. */
record PowerXml(
    @JsonProperty("suspend-to-mem") State memory, @JsonProperty("suspend-to-disk") State disk) {

  static @Nullable PowerXml of(MachinePlan plan) {
    return plan.acpi() ? new PowerXml(new State("no"), new State("no")) : null;
  }

  record State(@JacksonXmlProperty(isAttribute = true) String enabled) {}
}
