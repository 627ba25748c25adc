package dev.lodge.domain.plan;

import dev.lodge.domain.machine.DeviceAddress;
import dev.lodge.domain.machine.DeviceAddress.Drive;
import dev.lodge.domain.machine.DeviceAddress.Pci;
import dev.lodge.domain.machine.DeviceAddress.Usb;
import dev.lodge.domain.machine.DeviceAddress.VirtioSerial;
import dev.lodge.domain.machine.DevicePlan;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** A chipset: which places there are, and what is soldered on. */
sealed interface Board permits PciExpress, ConventionalPci {

  /** The places of a sort. */
  Bus bus(Place.On sort);

  /** The controllers that the board has, given the addresses that are taken. */
  List<DevicePlan> controllers(List<DeviceAddress> taken, Pins pins);

  /** Where the board's own disk controller is. */
  Pci diskController();

  static Bus scsi() {
    return new Bus(
        IntStream.range(0, 256).mapToObj(n -> new Drive(0, 0, n, 0)).toList(),
        "the SCSI controller has no place left");
  }

  static Bus usb() {
    return new Bus(
        IntStream.rangeClosed(1, DevicePlan.Controller.USB_PORTS)
            .mapToObj(n -> new Usb(0, n))
            .toList(),
        "the USB controller has 15 ports and all are taken; use bus Virtio or SCSI");
  }

  static Bus virtioConsole() {
    return new Bus(List.of(new VirtioSerial(0, 0, 0)), "there is one virtio console only");
  }

  static Bus virtioPorts() {
    return new Bus(
        IntStream.range(1, 31).mapToObj(n -> new VirtioSerial(0, 0, n)).toList(),
        "the virtio-serial controller has no port left");
  }

  static Bus absent(String why) {
    return new Bus(List.of(), why);
  }

  static Stream<Pci> slots(int first, int last) {
    return IntStream.rangeClosed(first, last).mapToObj(slot -> new Pci(0, 0, slot, 0));
  }
}
