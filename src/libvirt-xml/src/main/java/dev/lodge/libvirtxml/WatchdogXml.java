package dev.lodge.libvirtxml;

import com.fasterxml.jackson.dataformat.xml.annotation.JacksonXmlProperty;
import dev.lodge.domain.machine.DevicePlan;
import org.jspecify.annotations.Nullable;

/** A watchdog that the guest may arm. */
record WatchdogXml(
    @JacksonXmlProperty(isAttribute = true) String model,
    @JacksonXmlProperty(isAttribute = true) String action,
    AliasXml alias,
    @Nullable AddressXml address) {

  static WatchdogXml of(DevicePlan.Watchdog watchdog) {
    return new WatchdogXml(
        "i6300esb", watchdog.action(), AliasXml.of(watchdog), AddressXml.of(watchdog.address()));
  }
}
