package dev.lodge.libvirtxml;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.dataformat.xml.annotation.JacksonXmlProperty;
import com.fasterxml.jackson.dataformat.xml.annotation.JacksonXmlText;
import dev.lodge.domain.machine.DevicePlan;
import dev.lodge.domain.machine.MachinePlan;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** A machine as libvirt's {@code <domain>}: the same plan gives the same text. */
public final class DomainXml {
  private DomainXml() {}

  /**
   * The domain's XML.
   *
   * @throws IllegalArgumentException if a text has a character that XML cannot carry
   */
  public static String render(MachinePlan plan) {
    return Xml.write("domain", Domain.of(plan));
  }

  record Domain(
      @JacksonXmlProperty(isAttribute = true) String type,
      String name,
      String uuid,
      MetadataXml metadata,
      SizeXml memory,
      SizeXml currentMemory,
      Vcpu vcpu,
      @Nullable Integer iothreads,
      @Nullable SysinfoXml sysinfo,
      OsXml os,
      @Nullable FeaturesXml features,
      CpuXml cpu,
      ClockXml clock,
      @JsonProperty("on_poweroff") String onPoweroff,
      @JsonProperty("on_reboot") String onReboot,
      @JsonProperty("on_crash") String onCrash,
      @Nullable PowerXml pm,
      DevicesXml devices) {

    static Domain of(MachinePlan plan) {
      var memory = new SizeXml("KiB", plan.memoryKib());
      return new Domain(
          plan.virtualization().name().toLowerCase(Locale.ROOT),
          plan.identity().domainName(),
          plan.identity().uuid(),
          MetadataXml.of(plan.identity()),
          memory,
          memory,
          new Vcpu("static", plan.cpu().count()),
          highestIothread(plan),
          SysinfoXml.of(plan),
          OsXml.of(plan),
          FeaturesXml.of(plan),
          CpuXml.of(plan.cpu()),
          ClockXml.of(plan.clock()),
          "destroy",
          "restart",
          plan.onCrash().name().toLowerCase(Locale.ROOT),
          PowerXml.of(plan),
          DevicesXml.of(plan));
    }
  }

  record Vcpu(
      @JacksonXmlProperty(isAttribute = true) String placement, @JacksonXmlText int count) {}

  /** An iothread must be declared before a disk names it. */
  private static @Nullable Integer highestIothread(MachinePlan plan) {
    int highest = 0;
    for (DevicePlan.Disk disk : plan.devices(DevicePlan.Disk.class)) {
      Integer iothread = disk.iothread();
      highest = Math.max(highest, iothread == null ? 0 : iothread);
    }
    return highest == 0 ? null : highest;
  }
}
