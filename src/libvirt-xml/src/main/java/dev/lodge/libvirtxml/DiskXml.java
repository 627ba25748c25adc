package dev.lodge.libvirtxml;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import com.fasterxml.jackson.dataformat.xml.annotation.JacksonXmlProperty;
import dev.lodge.domain.machine.DevicePlan;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A disk or CD-ROM. The format is always declared and the chain of backing files always closed, so
 * that QEMU opens nothing but what is named here.
 */
@JsonPropertyOrder({"type", "device", "driver", "source", "backingStore", "target"})
record DiskXml(
    @JacksonXmlProperty(isAttribute = true) String type,
    @JacksonXmlProperty(isAttribute = true) String device,
    Driver driver,
    @Nullable Source source,
    @Nullable Backing backingStore,
    Target target,
    @Nullable EmptyXml readonly,
    @Nullable EmptyXml shareable,
    @Nullable String serial,
    @Nullable BootXml boot,
    AliasXml alias,
    @Nullable AddressXml address) {

  static DiskXml of(DevicePlan.Disk disk) {
    DevicePlan.Disk.Source source = disk.source();
    return new DiskXml(
        source != null && source.block() ? "block" : "file",
        lower(disk.device()),
        driver(disk),
        source == null ? null : Source.of(source, !disk.readOnly()),
        source == null ? null : Backing.of(source.backing()),
        new Target(disk.target(), lower(disk.bus())),
        EmptyXml.when(disk.readOnly()),
        EmptyXml.when(disk.shareable()),
        disk.serial(),
        BootXml.of(disk.bootOrder()),
        AliasXml.of(disk),
        AddressXml.of(disk.address()));
  }

  private static Driver driver(DevicePlan.Disk disk) {
    DevicePlan.Disk.Source source = disk.source();
    return new Driver(
        "qemu",
        source == null ? "raw" : source.format(),
        disk.cache(),
        disk.errorPolicy(),
        disk.io(),
        disk.iothread(),
        disk.discard());
  }

  private static String lower(Enum<?> word) {
    return word.name().toLowerCase(Locale.ROOT);
  }

  record Driver(
      @JacksonXmlProperty(isAttribute = true) String name,
      @JacksonXmlProperty(isAttribute = true) String type,
      @JacksonXmlProperty(isAttribute = true) String cache,
      @JsonProperty("error_policy")
          @JacksonXmlProperty(isAttribute = true, localName = "error_policy")
          String errorPolicy,
      @JacksonXmlProperty(isAttribute = true) @Nullable String io,
      @JacksonXmlProperty(isAttribute = true) @Nullable Integer iothread,
      @JacksonXmlProperty(isAttribute = true) String discard) {}

  record Target(
      @JacksonXmlProperty(isAttribute = true) String dev,
      @JacksonXmlProperty(isAttribute = true) String bus) {}

  /**
   * A file or block device. What several VMs read, or what is the host's own, keeps its owner:
   * libvirt gives files that it relabels to the user of QEMU, and back when the first of them ends.
   */
  record Source(
      @JacksonXmlProperty(isAttribute = true) @Nullable String file,
      @JacksonXmlProperty(isAttribute = true) @Nullable String dev,
      @Nullable SecLabel seclabel) {

    static Source of(DevicePlan.Disk.Source source, boolean writable) {
      return new Source(
          source.block() ? null : source.path(),
          source.block() ? source.path() : null,
          writable || source.block() ? null : new SecLabel("dac", "no"));
    }
  }

  record SecLabel(
      @JacksonXmlProperty(isAttribute = true) String model,
      @JacksonXmlProperty(isAttribute = true) String relabel) {}

  /** The layer below; an element without content says that there is none. */
  record Backing(
      @JacksonXmlProperty(isAttribute = true) @Nullable String type,
      @Nullable Format format,
      @Nullable Source source,
      @Nullable Backing backingStore) {

    static Backing of(DevicePlan.Disk.@Nullable Source layer) {
      return layer == null
          ? new Backing(null, null, null, null)
          : new Backing(
              layer.block() ? "block" : "file",
              new Format(layer.format()),
              Source.of(layer, false),
              of(layer.backing()));
    }
  }

  record Format(@JacksonXmlProperty(isAttribute = true) String type) {}
}
