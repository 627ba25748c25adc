package dev.lodge.libvirtxml;

import dev.lodge.domain.machine.DevicePlan;

/** Single devices, as virDomainUpdateDeviceFlags takes them. */
public final class DeviceXml {
  private DeviceXml() {}

  /** A disk or CD-ROM drive with its medium, or without. */
  public static String disk(DevicePlan.Disk disk) {
    return Xml.write("disk", DiskXml.of(disk));
  }

  /** An interface with the state of its link. */
  public static String nic(DevicePlan.Interface nic) {
    return Xml.write("interface", InterfaceXml.of(nic));
  }
}
