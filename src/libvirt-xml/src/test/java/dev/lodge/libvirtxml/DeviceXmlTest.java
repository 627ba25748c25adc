package dev.lodge.libvirtxml;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lodge.domain.machine.DeviceAddress;
import dev.lodge.domain.machine.DevicePlan.Balloon;
import dev.lodge.domain.machine.DevicePlan.Channel;
import dev.lodge.domain.machine.DevicePlan.Console;
import dev.lodge.domain.machine.DevicePlan.Controller;
import dev.lodge.domain.machine.DevicePlan.Disk;
import dev.lodge.domain.machine.DevicePlan.Disk.Source;
import dev.lodge.domain.machine.DevicePlan.Graphics;
import dev.lodge.domain.machine.DevicePlan.Input;
import dev.lodge.domain.machine.DevicePlan.Interface;
import dev.lodge.domain.machine.DevicePlan.Panic;
import dev.lodge.domain.machine.DevicePlan.Rng;
import dev.lodge.domain.machine.DevicePlan.Video;
import dev.lodge.domain.machine.DevicePlan.Watchdog;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** One device, one renderer, one test. */
class DeviceXmlTest {
  private static final DeviceAddress PCI = new DeviceAddress.Pci(0, 3, 0, 0);
  private static final String ADDRESS =
      "<address type=\"pci\" domain=\"0x0000\" bus=\"0x03\" slot=\"0x00\" function=\"0x0\"/>";

  private static String flat(String xml) {
    return xml.strip().replaceAll("\n *", "");
  }

  private static String xml(String name, Object element) {
    return flat(Xml.write(name, element));
  }

  private static Disk disk(boolean readOnly, @Nullable Source source) {
    return new Disk(
        "disk/a",
        readOnly ? Disk.Device.CDROM : Disk.Device.DISK,
        readOnly ? Disk.Bus.SATA : Disk.Bus.VIRTIO,
        readOnly ? "sda" : "vda",
        source,
        "none",
        "native",
        "unmap",
        "stop",
        readOnly,
        false,
        null,
        1,
        readOnly ? null : 1,
        readOnly ? new DeviceAddress.Drive(0, 0, 0, 2) : PCI);
  }

  @Test
  void a_disk_names_every_layer_and_closes_the_chain() {
    var base = new Source(false, "/base", "qcow2", null);
    assertThat(flat(DeviceXml.disk(disk(false, new Source(false, "/top", "qcow2", base)))))
        .isEqualTo(
            "<disk type=\"file\" device=\"disk\"><driver name=\"qemu\" type=\"qcow2\""
                + " cache=\"none\" error_policy=\"stop\" io=\"native\" iothread=\"1\""
                + " discard=\"unmap\"/><source file=\"/top\"/><backingStore type=\"file\">"
                + "<format type=\"qcow2\"/><source file=\"/base\">"
                + "<seclabel model=\"dac\" relabel=\"no\"/></source><backingStore/></backingStore>"
                + "<target dev=\"vda\" bus=\"virtio\"/><boot order=\"1\"/>"
                + "<alias name=\"ua-disk-a\"/>"
                + ADDRESS
                + "</disk>");
  }

  @Test
  void a_block_device_is_a_source_of_its_own_kind() {
    assertThat(flat(DeviceXml.disk(disk(false, new Source(true, "/dev/vg/a", "raw", null)))))
        .contains("type=\"block\"", "<source dev=\"/dev/vg/a\"/><backingStore/>");
  }

  @Test
  void a_cdrom_never_changes_the_owner_of_its_medium_and_may_be_empty() {
    assertThat(flat(DeviceXml.disk(disk(true, new Source(false, "/iso", "raw", null)))))
        .contains(
            "device=\"cdrom\"",
            "<source file=\"/iso\"><seclabel model=\"dac\" relabel=\"no\"/></source>",
            "<readonly/>",
            "<address type=\"drive\" controller=\"0\" bus=\"0\" target=\"0\" unit=\"2\"/>");
    assertThat(flat(DeviceXml.disk(disk(true, null))))
        .contains("type=\"file\"", "type=\"raw\"")
        .doesNotContain("<source", "<backingStore");
  }

  @Test
  void an_interface_says_whether_its_cable_is_plugged() {
    var nic =
        new Interface("interface/lan", "52:00:00:00:00:01", "n", "virtio", "lt1", false, null, PCI);
    assertThat(flat(DeviceXml.nic(nic)))
        .isEqualTo(
            "<interface type=\"network\"><mac address=\"52:00:00:00:00:01\"/>"
                + "<source network=\"n\"/><target dev=\"lt1\"/><model type=\"virtio\"/>"
                + "<link state=\"down\"/><rom enabled=\"no\"/><alias name=\"ua-interface-lan\"/>"
                + ADDRESS
                + "</interface>");
    var booting = new Interface("interface/lan", "m", "n", "virtio", "lt1", true, 2, PCI);
    assertThat(flat(DeviceXml.nic(booting)))
        .contains("<link state=\"up\"/><boot order=\"2\"/><alias")
        .doesNotContain("<rom");
  }

  @Test
  void a_root_port_has_numbers_of_its_own_and_the_first_of_a_slot_says_that_others_follow() {
    var first =
        new Controller("c", "pci", 9, Controller.ROOT_PORT, new DeviceAddress.Pci(0, 0, 3, 0));
    assertThat(xml("controller", ControllerXml.of(first)))
        .isEqualTo(
            "<controller type=\"pci\" index=\"9\" model=\"pcie-root-port\">"
                + "<target chassis=\"9\" port=\"0x18\"/><address type=\"pci\" domain=\"0x0000\""
                + " bus=\"0x00\" slot=\"0x03\" function=\"0x0\" multifunction=\"on\"/></controller>");
    var second =
        new Controller("c", "pci", 10, Controller.ROOT_PORT, new DeviceAddress.Pci(0, 0, 3, 1));
    assertThat(xml("controller", ControllerXml.of(second)))
        .contains("port=\"0x19\"", "function=\"0x1\"/>");
  }

  @Test
  void a_usb_controller_has_all_its_ports_or_is_none() {
    assertThat(xml("controller", ControllerXml.of(new Controller("c", "usb", 0, "qemu-xhci", PCI))))
        .isEqualTo(
            "<controller type=\"usb\" index=\"0\" model=\"qemu-xhci\" ports=\"15\">"
                + ADDRESS
                + "</controller>");
    assertThat(xml("controller", ControllerXml.of(new Controller("c", "usb", 0, "none", null))))
        .isEqualTo("<controller type=\"usb\" index=\"0\" model=\"none\"/>");
  }

  @Test
  void consoles_are_logged_and_listen_on_sockets() {
    var serial = new Console("console/serial", Console.Kind.SERIAL, "/s.log", "/s.sock", null);
    assertThat(xml("serial", ConsoleXml.serial(serial)))
        .isEqualTo(
            "<serial type=\"unix\"><source mode=\"bind\" path=\"/s.sock\"/>"
                + "<log file=\"/s.log\" append=\"off\"/><target type=\"isa-serial\" port=\"0\">"
                + "<model name=\"isa-serial\"/></target><alias name=\"ua-console-serial\"/></serial>");
    var virtio =
        new Console(
            "console/virtio",
            Console.Kind.VIRTIO,
            "/v.log",
            "/v.sock",
            new DeviceAddress.VirtioSerial(0, 0, 0));
    assertThat(xml("console", ConsoleXml.virtio(virtio, 1)))
        .contains(
            "<target type=\"virtio\" port=\"1\"/>",
            "<address type=\"virtio-serial\" controller=\"0\" bus=\"0\" port=\"0\"/>");
  }

  @Test
  void a_channel_has_the_name_that_the_guest_looks_for() {
    var channel = new Channel("channel/x", "org.x.0", new DeviceAddress.VirtioSerial(0, 0, 1));
    assertThat(xml("channel", ChannelXml.of(channel)))
        .isEqualTo(
            "<channel type=\"unix\"><source mode=\"bind\"/>"
                + "<target type=\"virtio\" name=\"org.x.0\"/><alias name=\"ua-channel-x\"/>"
                + "<address type=\"virtio-serial\" controller=\"0\" bus=\"0\" port=\"1\"/></channel>");
  }

  @Test
  void a_tablet_is_on_usb() {
    assertThat(
            xml("input", InputXml.of(new Input("input/t", "tablet", new DeviceAddress.Usb(0, 1)))))
        .isEqualTo(
            "<input type=\"tablet\" bus=\"usb\"><alias name=\"ua-input-t\"/>"
                + "<address type=\"usb\" bus=\"0\" port=\"1\"/></input>");
  }

  @Test
  void vnc_listens_on_a_socket_and_on_no_port() {
    assertThat(xml("graphics", GraphicsXml.of(new Graphics("g", null, "de"))))
        .isEqualTo("<graphics type=\"vnc\" keymap=\"de\"><listen type=\"socket\"/></graphics>");
    assertThat(xml("graphics", GraphicsXml.of(new Graphics("g", "/v", null))))
        .isEqualTo("<graphics type=\"vnc\"><listen type=\"socket\" socket=\"/v\"/></graphics>");
  }

  @Test
  void a_graphics_card_says_how_much_memory_it_has() {
    assertThat(xml("video", VideoXml.of(new Video("video/0", "qxl", PCI))))
        .contains(
            "<model type=\"qxl\" ram=\"65536\" vram=\"65536\" vgamem=\"16384\" heads=\"1\" primary=\"yes\"/>");
    assertThat(xml("video", VideoXml.of(new Video("video/0", "vga", PCI))))
        .contains("<model type=\"vga\" vram=\"16384\" heads=\"1\" primary=\"yes\"/>");
    assertThat(xml("video", VideoXml.of(new Video("video/0", "virtio", PCI))))
        .contains("<model type=\"virtio\" heads=\"1\" primary=\"yes\"/>");
  }

  @Test
  void random_numbers_come_from_where_reading_never_blocks() {
    assertThat(xml("rng", RngXml.of(new Rng("rng/0", PCI))))
        .isEqualTo(
            "<rng model=\"virtio\"><backend model=\"random\">/dev/urandom</backend>"
                + "<alias name=\"ua-rng-0\"/>"
                + ADDRESS
                + "</rng>");
  }

  @Test
  void a_balloon_reports_free_pages_or_is_said_to_be_absent() {
    assertThat(xml("memballoon", BalloonXml.of(new Balloon("b/0", true, PCI))))
        .startsWith("<memballoon model=\"virtio\" freePageReporting=\"on\"><alias");
    assertThat(xml("memballoon", BalloonXml.of(new Balloon("b/0", false, null))))
        .isEqualTo("<memballoon model=\"none\"/>");
  }

  @Test
  void a_watchdog_has_an_action() {
    assertThat(xml("watchdog", WatchdogXml.of(new Watchdog("watchdog/0", "pause", PCI))))
        .startsWith("<watchdog model=\"i6300esb\" action=\"pause\"><alias");
  }

  @Test
  void a_panic_device_sits_on_its_usual_port() {
    assertThat(xml("panic", PanicXml.of(new Panic("panic/0"))))
        .isEqualTo(
            "<panic model=\"isa\"><alias name=\"ua-panic-0\"/>"
                + "<address type=\"isa\" iobase=\"0x505\"/></panic>");
  }
}
