package dev.lodge.domain.plan;

import dev.lodge.domain.machine.DeviceAddress;
import dev.lodge.domain.machine.DeviceAddress.Drive;
import dev.lodge.domain.machine.DeviceAddress.Pci;
import dev.lodge.domain.machine.DevicePlan;
import dev.lodge.domain.machine.DevicePlan.Controller;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * pc (i440fx): one PCI bus. Slot 1 is the south bridge with IDE; slot 2 is kept for a graphics
 * card, so that one can be added later without moving anything.
 */
record ConventionalPci() implements Board {
  @Override
  public Bus bus(Place.On sort) {
    return switch (sort) {
      case PCI, CONVENTIONAL_PCI ->
          new Bus(
              Board.slots(0x03, 0x1f).toList(),
              "machine.type pc has 29 PCI slots and all are taken; put disks on bus SCSI, which"
                  + " takes one, or set machine.type: q35");
      case VIDEO -> new Bus(Board.slots(0x02, 0x02).toList(), "there is one graphics card only");
      case IDE ->
          new Bus(
              Stream.of(
                      new Drive(0, 0, 0, 0),
                      new Drive(0, 0, 0, 1),
                      new Drive(0, 1, 0, 0),
                      new Drive(0, 1, 0, 1))
                  .toList(),
              "the IDE controller has 4 places and all are taken; use bus SCSI or Virtio");
      case SATA ->
          Board.absent("SATA is not on machine.type pc; use IDE, or set machine.type: q35");
      case SCSI -> Board.scsi();
      case USB -> Board.usb();
      case VIRTIO_CONSOLE -> Board.virtioConsole();
      case VIRTIO_PORT -> Board.virtioPorts();
    };
  }

  @Override
  public Pci diskController() {
    return new Pci(0, 0, 0x01, 1);
  }

  @Override
  public List<DevicePlan> controllers(List<DeviceAddress> taken, Pins pins) {
    List<DevicePlan> controllers = new ArrayList<>();
    controllers.add(new Controller("controller/pci/0", "pci", 0, "pci-root", null));
    return controllers;
  }
}
