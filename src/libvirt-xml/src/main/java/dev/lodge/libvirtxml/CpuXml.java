package dev.lodge.libvirtxml;

import com.fasterxml.jackson.dataformat.xml.annotation.JacksonXmlElementWrapper;
import com.fasterxml.jackson.dataformat.xml.annotation.JacksonXmlProperty;
import com.fasterxml.jackson.dataformat.xml.annotation.JacksonXmlText;
import dev.lodge.domain.machine.CpuPlan;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The virtual CPU's model, features and topology. */
record CpuXml(
    @JacksonXmlProperty(isAttribute = true) String mode,
    @JacksonXmlProperty(isAttribute = true) @Nullable String match,
    @JacksonXmlProperty(isAttribute = true) @Nullable String check,
    @Nullable Model model,
    @Nullable Topology topology,
    @JacksonXmlElementWrapper(useWrapping = false) @JacksonXmlProperty(localName = "feature")
        List<Feature> features) {

  static CpuXml of(CpuPlan cpu) {
    boolean custom = cpu.mode() == CpuPlan.Mode.CUSTOM;
    return new CpuXml(
        switch (cpu.mode()) {
          case CUSTOM -> "custom";
          case HOST_MODEL -> "host-model";
          case HOST_PASSTHROUGH -> "host-passthrough";
          case MAXIMUM -> "maximum";
        },
        custom ? "exact" : null,
        cpu.check(),
        custom ? new Model("forbid", cpu.model()) : null,
        Topology.of(cpu.topology()),
        cpu.features().stream().map(f -> new Feature(f.policy(), f.name())).toList());
  }

  record Model(
      @JacksonXmlProperty(isAttribute = true) String fallback,
      @JacksonXmlText @Nullable String name) {}

  record Feature(
      @JacksonXmlProperty(isAttribute = true) String policy,
      @JacksonXmlProperty(isAttribute = true) String name) {}

  record Topology(
      @JacksonXmlProperty(isAttribute = true) int sockets,
      @JacksonXmlProperty(isAttribute = true) int dies,
      @JacksonXmlProperty(isAttribute = true) int cores,
      @JacksonXmlProperty(isAttribute = true) int threads) {

    static @Nullable Topology of(CpuPlan.@Nullable Topology t) {
      return t == null ? null : new Topology(t.sockets(), 1, t.cores(), t.threads());
    }
  }
}
