package dev.lodge.libvirtxml;

import com.fasterxml.jackson.dataformat.xml.annotation.JacksonXmlElementWrapper;
import com.fasterxml.jackson.dataformat.xml.annotation.JacksonXmlProperty;
import dev.lodge.domain.machine.DevicePlan;
import dev.lodge.domain.machine.MachinePlan;
import java.util.ArrayList;
import java.util.List;

/** All devices, sort by sort. */
record DevicesXml(
    String emulator,
    @JacksonXmlElementWrapper(useWrapping = false) @JacksonXmlProperty(localName = "disk")
        List<DiskXml> disks,
    @JacksonXmlElementWrapper(useWrapping = false) @JacksonXmlProperty(localName = "controller")
        List<ControllerXml> controllers,
    @JacksonXmlElementWrapper(useWrapping = false) @JacksonXmlProperty(localName = "interface")
        List<InterfaceXml> interfaces,
    @JacksonXmlElementWrapper(useWrapping = false) @JacksonXmlProperty(localName = "serial")
        List<ConsoleXml> serials,
    @JacksonXmlElementWrapper(useWrapping = false) @JacksonXmlProperty(localName = "console")
        List<ConsoleXml> consoles,
    @JacksonXmlElementWrapper(useWrapping = false) @JacksonXmlProperty(localName = "channel")
        List<ChannelXml> channels,
    @JacksonXmlElementWrapper(useWrapping = false) @JacksonXmlProperty(localName = "input")
        List<InputXml> inputs,
    @JacksonXmlElementWrapper(useWrapping = false) @JacksonXmlProperty(localName = "graphics")
        List<GraphicsXml> graphics,
    @JacksonXmlElementWrapper(useWrapping = false) @JacksonXmlProperty(localName = "audio")
        List<AudioXml> audios,
    @JacksonXmlElementWrapper(useWrapping = false) @JacksonXmlProperty(localName = "video")
        List<VideoXml> videos,
    @JacksonXmlElementWrapper(useWrapping = false) @JacksonXmlProperty(localName = "watchdog")
        List<WatchdogXml> watchdogs,
    @JacksonXmlElementWrapper(useWrapping = false) @JacksonXmlProperty(localName = "memballoon")
        List<BalloonXml> balloons,
    @JacksonXmlElementWrapper(useWrapping = false) @JacksonXmlProperty(localName = "rng")
        List<RngXml> rngs,
    @JacksonXmlElementWrapper(useWrapping = false) @JacksonXmlProperty(localName = "panic")
        List<PanicXml> panics) {

  static DevicesXml of(MachinePlan plan) {
    var d = new DevicesXml(plan.emulator());
    plan.devices().forEach(d::add);
    return d;
  }

  private DevicesXml(String emulator) {
    this(
        emulator,
        new ArrayList<>(),
        new ArrayList<>(),
        new ArrayList<>(),
        new ArrayList<>(),
        new ArrayList<>(),
        new ArrayList<>(),
        new ArrayList<>(),
        new ArrayList<>(),
        new ArrayList<>(),
        new ArrayList<>(),
        new ArrayList<>(),
        new ArrayList<>(),
        new ArrayList<>(),
        new ArrayList<>());
  }

  private void add(DevicePlan device) {
    switch (device) {
      case DevicePlan.Disk d -> disks.add(DiskXml.of(d));
      case DevicePlan.Controller d -> controllers.add(ControllerXml.of(d));
      case DevicePlan.Interface d -> interfaces.add(InterfaceXml.of(d));
      case DevicePlan.Console d -> addConsole(d);
      case DevicePlan.Channel d -> channels.add(ChannelXml.of(d));
      case DevicePlan.Input d -> inputs.add(InputXml.of(d));
      case DevicePlan.Graphics d -> {
        graphics.add(GraphicsXml.of(d));
        audios.add(AudioXml.NONE);
      }
      case DevicePlan.Video d -> videos.add(VideoXml.of(d));
      case DevicePlan.Watchdog d -> watchdogs.add(WatchdogXml.of(d));
      case DevicePlan.Balloon d -> balloons.add(BalloonXml.of(d));
      case DevicePlan.Rng d -> rngs.add(RngXml.of(d));
      case DevicePlan.Panic d -> panics.add(PanicXml.of(d));
    }
  }

  private void addConsole(DevicePlan.Console console) {
    switch (console.kind()) {
      case SERIAL -> serials.add(ConsoleXml.serial(console));
      case VIRTIO -> consoles.add(ConsoleXml.virtio(console, serials.size() + consoles.size()));
    }
  }
}
