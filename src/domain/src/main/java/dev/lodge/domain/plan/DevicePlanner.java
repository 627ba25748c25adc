package dev.lodge.domain.plan;

import dev.lodge.api.v1alpha1.virtualmachine.Devices;
import dev.lodge.api.v1alpha1.virtualmachine.Disk;
import dev.lodge.api.v1alpha1.virtualmachine.Interface;
import dev.lodge.api.v1alpha1.virtualmachine.Machine;
import dev.lodge.api.v1alpha1.virtualmachine.Machine.Toggle;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineSpec;
import dev.lodge.domain.machine.DeviceAddress;
import dev.lodge.domain.machine.DevicePlan;
import dev.lodge.domain.machine.DevicePlan.Console;
import dev.lodge.domain.machine.DevicePlan.Controller;
import dev.lodge.domain.machine.MachineFiles;
import dev.lodge.domain.plan.PlanRequest.Nic;
import dev.lodge.domain.plan.PlanRequest.Resolved;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The devices of a machine, in the order in which free places are given to them. */
final class DevicePlanner {
  private final VirtualMachineSpec spec;
  private final Resolved resolved;
  private final Board board;
  private final Pins pins;
  private final Problems problems;
  private final Machine.Type chipset;
  private final Devices devices;
  private final List<Draft> drafts = new ArrayList<>();

  private DevicePlanner(PlanRequest request, Board board, Pins pins, Problems problems) {
    this.spec = request.spec();
    this.resolved = request.resolved();
    this.board = board;
    this.pins = pins;
    this.problems = problems;
    this.chipset = SpecDefaults.machineType(spec);
    this.devices =
        Objects.requireNonNullElse(spec.devices(), new Devices(null, null, null, null, null, null));
  }

  static List<DevicePlan> plan(PlanRequest request, Board board, Pins pins, Problems problems) {
    return new DevicePlanner(request, board, pins, problems).plan();
  }

  private List<DevicePlan> plan() {
    interfaces();
    disks();
    virtioSerial();
    usb();
    screen();
    smallDevices();
    return AddressPlan.place(board, pins, drafts, problems);
  }

  private void interfaces() {
    for (Interface nic : SpecDefaults.interfaces(spec)) {
      String path = "interfaces[" + nic.name() + "]";
      Nic on =
          Objects.requireNonNull(
              resolved.interfaces().get(nic.name()), () -> path + " was not resolved");
      Interface.Model model = Objects.requireNonNullElse(nic.model(), Interface.Model.Virtio);
      String word =
          switch (model) {
            case Virtio -> "virtio";
            case E1000 -> "e1000";
            case E1000e -> "e1000e";
            case RTL8139 -> "rtl8139";
          };
      boolean express = model == Interface.Model.Virtio || model == Interface.Model.E1000e;
      add(
          "interface/" + nic.name(),
          path,
          express ? Place.On.PCI : Place.On.CONVENTIONAL_PCI,
          (name, address) ->
              new DevicePlan.Interface(
                  name,
                  on.mac(),
                  on.network(),
                  word,
                  on.tap(),
                  nic.linkState() != Interface.LinkState.Down,
                  nic.bootOrder(),
                  address));
    }
  }

  private void disks() {
    List<TargetNames.Wish> wishes = new ArrayList<>();
    for (Disk disk : SpecDefaults.disks(spec)) {
      wishes.add(
          new TargetNames.Wish(
              DiskPlanner.deviceName(disk.name()),
              DiskPlanner.planned(SpecDefaults.bus(disk, chipset))));
    }
    if (spec.cloudInit() != null) {
      wishes.add(
          new TargetNames.Wish(
              DiskPlanner.deviceName(SpecDefaults.CLOUD_INIT), DiskPlanner.cloudInitBus(chipset)));
    }
    var planner = new DiskPlanner(chipset, new TargetNames(wishes, pins), problems);
    var bootOrder = new BootOrder(spec);
    for (Disk disk : SpecDefaults.disks(spec)) {
      drafts.add(planner.draft(disk, resolved.disks().get(disk.name()), bootOrder.of(disk)));
    }
    if (spec.cloudInit() != null) {
      drafts.add(
          planner.cloudInit(
              Objects.requireNonNull(resolved.cloudInitSeed(), "cloudInit was not resolved")));
    }
    if (onBus(Place.On.SCSI)) {
      controller("scsi", "virtio-scsi", Place.On.PCI);
    }
    if (onBus(Place.On.IDE)) {
      controller("ide", null, new Place.Fixed(board.diskController()));
    }
  }

  private void virtioSerial() {
    MachineFiles files = resolved.files();
    if (SpecDefaults.serial(spec)) {
      add(
          SpecDefaults.consoleName(Console.Kind.SERIAL),
          "consoles.serial",
          new Place.Nowhere(),
          (name, address) ->
              new Console(
                  name,
                  Console.Kind.SERIAL,
                  files.log(Console.Kind.SERIAL),
                  files.socket(Console.Kind.SERIAL),
                  null));
    }
    if (SpecDefaults.virtioConsole(spec)) {
      add(
          SpecDefaults.consoleName(Console.Kind.VIRTIO),
          "consoles.virtio",
          Place.On.VIRTIO_CONSOLE,
          (name, address) ->
              new Console(
                  name,
                  Console.Kind.VIRTIO,
                  files.log(Console.Kind.VIRTIO),
                  files.socket(Console.Kind.VIRTIO),
                  address));
    }
    if (SpecDefaults.enabled(devices.guestAgent())) {
      add(
          "channel/guest-agent",
          "devices.guestAgent",
          Place.On.VIRTIO_PORT,
          (name, address) -> new DevicePlan.Channel(name, "org.qemu.guest_agent.0", address));
    }
    if (onBus(Place.On.VIRTIO_CONSOLE) || onBus(Place.On.VIRTIO_PORT)) {
      controller("virtio-serial", null, Place.On.PCI);
    }
  }

  /** Without a controller of its own a machine gets libvirt's: so the lack of one is said too. */
  private void usb() {
    boolean asked =
        devices.usb() == null ? SpecDefaults.graphics(spec) : SpecDefaults.enabled(devices.usb());
    boolean needed = onBus(Place.On.USB);
    if (needed && devices.usb() == Toggle.Disabled) {
      problems.add("devices.usb", "a disk is on bus USB", "leave devices.usb out");
    }
    if (!asked && !needed) {
      controller("usb", "none", new Place.Nowhere());
      return;
    }
    controller("usb", "qemu-xhci", Place.On.PCI);
    if (SpecDefaults.graphics(spec)) {
      add(
          "input/tablet",
          "graphics",
          Place.On.USB,
          (name, address) -> new DevicePlan.Input(name, "tablet", address));
    }
  }

  private void screen() {
    boolean graphics = SpecDefaults.graphics(spec);
    if (graphics) {
      String keymap = spec.graphics() == null ? null : spec.graphics().keymap();
      add(
          "graphics/vnc",
          "graphics",
          new Place.Nowhere(),
          (name, address) -> new DevicePlan.Graphics(name, null, keymap));
    }
    if (graphics || devices.video() != null) {
      Devices.Video byDefault =
          chipset == Machine.Type.pc ? Devices.Video.VGA : Devices.Video.Virtio;
      String model =
          switch (Objects.requireNonNullElse(devices.video(), byDefault)) {
            case Virtio -> "virtio";
            case VGA -> "vga";
            case QXL -> "qxl";
          };
      add(
          "video/0",
          "devices.video",
          Place.On.VIDEO,
          (name, address) -> new DevicePlan.Video(name, model, address));
    }
  }

  private void smallDevices() {
    if (SpecDefaults.enabled(devices.rng())) {
      add("rng/0", "devices.rng", Place.On.PCI, DevicePlan.Rng::new);
    }
    boolean balloon = SpecDefaults.enabled(devices.balloon());
    add(
        "balloon/0",
        "devices.balloon",
        balloon ? Place.On.PCI : new Place.Nowhere(),
        (name, address) -> new DevicePlan.Balloon(name, balloon, address));
    Devices.Watchdog.Action action =
        devices.watchdog() == null || devices.watchdog().action() == null
            ? Devices.Watchdog.Action.Reset
            : devices.watchdog().action();
    if (action != Devices.Watchdog.Action.None) {
      String word = action.name().toLowerCase(Locale.ROOT);
      add(
          "watchdog/0",
          "devices.watchdog",
          Place.On.CONVENTIONAL_PCI,
          (name, address) -> new DevicePlan.Watchdog(name, word, address));
    }
    add("panic/0", "machine", new Place.Nowhere(), (name, address) -> new DevicePlan.Panic(name));
  }

  private void controller(String type, @Nullable String model, Place place) {
    add(
        "controller/" + type + "/0",
        "machine",
        place,
        (name, address) -> new Controller(name, type, 0, model, address));
  }

  private boolean onBus(Place.On sort) {
    return drafts.stream().anyMatch(d -> d.place() == sort);
  }

  private void add(String name, String path, Place place, Named maker) {
    drafts.add(new Draft(name, path, place, address -> maker.at(name, address)));
  }

  /** Makes a device of a name and a place. */
  @FunctionalInterface
  private interface Named {
    DevicePlan at(String name, @Nullable DeviceAddress address);
  }
}
