package dev.lodge.libvirtxml;

import com.fasterxml.jackson.dataformat.xml.annotation.JacksonXmlProperty;
import dev.lodge.domain.machine.DevicePlan;
import org.jspecify.annotations.Nullable;

/** A balloon that gives memory back which the guest freed; without one, libvirt adds its own. */
record BalloonXml(
    @JacksonXmlProperty(isAttribute = true) String model,
    @JacksonXmlProperty(isAttribute = true) @Nullable String freePageReporting,
    @Nullable AliasXml alias,
    @Nullable AddressXml address) {

  static BalloonXml of(DevicePlan.Balloon balloon) {
    return balloon.present()
        ? new BalloonXml("virtio", "on", AliasXml.of(balloon), AddressXml.of(balloon.address()))
        : new BalloonXml("none", null, null, null);
  }
}
