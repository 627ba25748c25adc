package dev.lodge.libvirtxml;

import com.fasterxml.jackson.dataformat.xml.annotation.JacksonXmlElementWrapper;
import com.fasterxml.jackson.dataformat.xml.annotation.JacksonXmlProperty;
import dev.lodge.domain.machine.ClockPlan;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The guest's clock. A guest that was stopped for a while catches up; nobody offers it a HPET. */
record ClockXml(
    @JacksonXmlProperty(isAttribute = true) String offset,
    @JacksonXmlProperty(isAttribute = true) @Nullable String timezone,
    @JacksonXmlElementWrapper(useWrapping = false) @JacksonXmlProperty(localName = "timer")
        List<Timer> timers) {

  private static final List<Timer> TIMERS =
      List.of(
          new Timer("rtc", "catchup", null),
          new Timer("pit", "delay", null),
          new Timer("hpet", null, "no"));

  static ClockXml of(ClockPlan clock) {
    return switch (clock) {
      case ClockPlan.Utc c -> new ClockXml("utc", null, TIMERS);
      case ClockPlan.Localtime c -> new ClockXml("localtime", null, TIMERS);
      case ClockPlan.Zone c -> new ClockXml("timezone", c.name(), TIMERS);
    };
  }

  record Timer(
      @JacksonXmlProperty(isAttribute = true) String name,
      @JacksonXmlProperty(isAttribute = true) @Nullable String tickpolicy,
      @JacksonXmlProperty(isAttribute = true) @Nullable String present) {}
}
