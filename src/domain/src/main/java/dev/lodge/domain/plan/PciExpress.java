package dev.lodge.domain.plan;

import dev.lodge.domain.machine.DeviceAddress;
import dev.lodge.domain.machine.DeviceAddress.Drive;
import dev.lodge.domain.machine.DeviceAddress.Pci;
import dev.lodge.domain.machine.DevicePlan;
import dev.lodge.domain.machine.DevicePlan.Controller;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * q35. Each Express device sits alone behind a root port; eight ports stay free, for devices that
 * come while the guest runs. Root ports share slots 0x02 to 0x0d, eight to a slot, and never go
 * away again: taking one out would renumber the buses behind the others. Devices that are none of
 * Express sit on the root bus from slot 0x0e on.
 */
record PciExpress() implements Board {
  static final String ROOT_PORT_NAME = "controller/pcie-root-port/";
  static final int SPARE = 8;

  private static final int FIRST_SLOT = 0x02;
  private static final int PORTS_PER_SLOT = 8;
  private static final int MOST_PORTS = 12 * PORTS_PER_SLOT;
  private static final int SATA_PORTS = 6;

  @Override
  public Bus bus(Place.On sort) {
    return switch (sort) {
      case PCI ->
          new Bus(
              IntStream.rangeClosed(1, MOST_PORTS).mapToObj(bus -> new Pci(0, bus, 0, 0)).toList(),
              "all PCI Express root ports are taken; put disks on bus SCSI, which takes one");
      case CONVENTIONAL_PCI ->
          new Bus(Board.slots(0x0e, 0x1e).toList(), "all conventional PCI slots are taken");
      case VIDEO -> new Bus(Board.slots(0x01, 0x01).toList(), "there is one graphics card only");
      case IDE ->
          Board.absent("IDE does not exist on machine.type q35; use SATA, or set machine.type: pc");
      case SATA ->
          new Bus(
              IntStream.range(0, SATA_PORTS).mapToObj(n -> new Drive(0, 0, 0, n)).toList(),
              "the SATA controller has 6 ports and all are taken; use bus SCSI");
      case SCSI -> Board.scsi();
      case USB -> Board.usb();
      case VIRTIO_CONSOLE -> Board.virtioConsole();
      case VIRTIO_PORT -> Board.virtioPorts();
    };
  }

  @Override
  public Pci diskController() {
    return new Pci(0, 0, 0x1f, 2);
  }

  @Override
  public List<DevicePlan> controllers(List<DeviceAddress> taken, Pins pins) {
    List<DevicePlan> controllers = new ArrayList<>();
    controllers.add(new Controller("controller/pci/0", "pci", 0, "pcie-root", null));
    controllers.add(new Controller("controller/sata/0", "sata", 0, null, diskController()));
    for (int n = 1; n <= ports(taken, pins); n++) {
      controllers.add(
          new Controller(ROOT_PORT_NAME + n, "pci", n, Controller.ROOT_PORT, address(n)));
    }
    return controllers;
  }

  /** Enough for all that is plugged in and for the spares, and as many as there ever were. */
  private static int ports(List<DeviceAddress> taken, Pins pins) {
    int highest = 0;
    int used = 0;
    for (DeviceAddress address : taken) {
      if (address instanceof Pci pci && pci.bus() > 0) {
        highest = Math.max(highest, pci.bus());
        used++;
      }
    }
    int wanted = Math.max(highest, used + SPARE);
    return Math.min(MOST_PORTS, Math.max(wanted, pins.rootPorts()));
  }

  private static Pci address(int port) {
    return new Pci(0, 0, FIRST_SLOT + (port - 1) / PORTS_PER_SLOT, (port - 1) % PORTS_PER_SLOT);
  }
}
