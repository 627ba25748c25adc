package dev.lodge.domain.plan;

import dev.lodge.domain.machine.DeviceAddress;

/** The sort of place that a device needs. */
sealed interface Place {
  /** The one place of a device that is part of the board. */
  record Fixed(DeviceAddress address) implements Place {}

  /** No address: there is only one of it. */
  record Nowhere() implements Place {}

  /** On a bus, wherever there is room. */
  enum On implements Place {
    /** PCI, Express where the board has it. */
    PCI,
    /** PCI for a device that is none of Express. */
    CONVENTIONAL_PCI,
    /** The first graphics card. */
    VIDEO,
    IDE,
    SATA,
    SCSI,
    USB,
    /** The console that the guest calls hvc0: it is the first port. */
    VIRTIO_CONSOLE,
    VIRTIO_PORT
  }
}
