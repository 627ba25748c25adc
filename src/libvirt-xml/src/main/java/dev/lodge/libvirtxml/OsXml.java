package dev.lodge.libvirtxml;

import com.fasterxml.jackson.dataformat.xml.annotation.JacksonXmlProperty;
import com.fasterxml.jackson.dataformat.xml.annotation.JacksonXmlText;
import dev.lodge.domain.machine.BootPlan;
import dev.lodge.domain.machine.MachinePlan;
import org.jspecify.annotations.Nullable;

/** The board and what runs first on it. */
record OsXml(
    Type type,
    @Nullable Loader loader,
    @Nullable Nvram nvram,
    @Nullable String kernel,
    @Nullable String initrd,
    @Nullable String cmdline,
    @Nullable Smbios smbios) {

  static OsXml of(MachinePlan plan) {
    var type = new Type(plan.arch(), plan.machineType(), "hvm");
    var smbios = plan.smbiosSerial() == null ? null : new Smbios("sysinfo");
    return switch (plan.boot()) {
      case BootPlan.Bios b -> new OsXml(type, null, null, null, null, null, smbios);
      case BootPlan.Rom b ->
          new OsXml(type, new Loader("yes", "rom", b.loader()), null, null, null, null, smbios);
      case BootPlan.Uefi b ->
          new OsXml(
              type,
              new Loader("yes", "pflash", b.loader()),
              new Nvram(b.nvramTemplate(), b.nvram()),
              null,
              null,
              null,
              smbios);
      case BootPlan.Kernel b ->
          new OsXml(type, null, null, b.kernel(), b.initrd(), b.cmdline(), smbios);
    };
  }

  record Type(
      @JacksonXmlProperty(isAttribute = true) String arch,
      @JacksonXmlProperty(isAttribute = true) String machine,
      @JacksonXmlText String hypervisor) {}

  record Loader(
      @JacksonXmlProperty(isAttribute = true) String readonly,
      @JacksonXmlProperty(isAttribute = true) String type,
      @JacksonXmlText String path) {}

  record Nvram(
      @JacksonXmlProperty(isAttribute = true) String template, @JacksonXmlText String path) {}

  record Smbios(@JacksonXmlProperty(isAttribute = true) String mode) {}
}
