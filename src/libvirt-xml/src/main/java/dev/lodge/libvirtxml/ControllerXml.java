package dev.lodge.libvirtxml;

import com.fasterxml.jackson.dataformat.xml.annotation.JacksonXmlProperty;
import dev.lodge.domain.machine.DeviceAddress;
import dev.lodge.domain.machine.DevicePlan;
import org.jspecify.annotations.Nullable;

/**
 * A controller. Controllers have no alias of ours: those that are part of the chipset have fixed
 * names in QEMU, and their disks would look for them in vain.
 */
record ControllerXml(
    @JacksonXmlProperty(isAttribute = true) String type,
    @JacksonXmlProperty(isAttribute = true) int index,
    @JacksonXmlProperty(isAttribute = true) @Nullable String model,
    @JacksonXmlProperty(isAttribute = true) @Nullable Integer ports,
    @Nullable Target target,
    @Nullable AddressXml address) {

  static ControllerXml of(DevicePlan.Controller controller) {
    boolean rootPort = DevicePlan.Controller.ROOT_PORT.equals(controller.model());
    boolean usb = controller.type().equals("usb") && controller.address() != null;
    return new ControllerXml(
        controller.type(),
        controller.index(),
        controller.model(),
        usb ? DevicePlan.Controller.USB_PORTS : null,
        rootPort ? Target.of(controller) : null,
        rootPort && controller.address() instanceof DeviceAddress.Pci pci
            ? AddressXml.multifunction(pci)
            : AddressXml.of(controller.address()));
  }

  /** The numbers of a root port's slot, which the guest sees. */
  record Target(
      @JacksonXmlProperty(isAttribute = true) int chassis,
      @JacksonXmlProperty(isAttribute = true) String port) {

    static @Nullable Target of(DevicePlan.Controller controller) {
      return controller.address() instanceof DeviceAddress.Pci pci
          ? new Target(controller.index(), "0x%x".formatted(pci.slot() << 3 | pci.function()))
          : null;
    }
  }
}
