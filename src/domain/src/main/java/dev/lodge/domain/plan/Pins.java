package dev.lodge.domain.plan;

import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineStatus;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineStatus.Hardware;
import dev.lodge.domain.machine.DeviceAddress;
import dev.lodge.domain.machine.DevicePlan;
import dev.lodge.domain.machine.MachinePlan;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Where devices were at the last start. */
final class Pins {
  private final Map<String, DeviceAddress> addresses = new LinkedHashMap<>();
  private final Map<String, String> targets = new LinkedHashMap<>();

  private Pins() {}

  static Pins none() {
    return new Pins();
  }

  static Pins of(@Nullable Hardware hardware) {
    var pins = new Pins();
    if (hardware == null || hardware.devices() == null) {
      return pins;
    }
    for (VirtualMachineStatus.DeviceAddress device : hardware.devices()) {
      parse(device.address()).ifPresent(a -> pins.addresses.put(device.name(), a));
      if (device.target() != null) {
        pins.targets.put(device.name(), device.target());
      }
    }
    return pins;
  }

  /** An address that a later Lodge wrote in a form of its own is as good as none. */
  private static Optional<DeviceAddress> parse(@Nullable String text) {
    try {
      return Optional.ofNullable(text).map(DeviceAddress::parse);
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  @Nullable DeviceAddress address(String device) {
    return addresses.get(device);
  }

  @Nullable String target(String device) {
    return targets.get(device);
  }

  /** How many root ports the machine had; their names end in their number. */
  int rootPorts() {
    return addresses.keySet().stream()
        .filter(n -> n.startsWith(PciExpress.ROOT_PORT_NAME))
        .map(n -> n.substring(PciExpress.ROOT_PORT_NAME.length()))
        .filter(n -> n.matches("[0-9]{1,3}"))
        .mapToInt(Integer::parseInt)
        .max()
        .orElse(0);
  }

  /** What to keep of a plan that was started. */
  static Hardware hardware(MachinePlan plan) {
    List<VirtualMachineStatus.DeviceAddress> devices = new ArrayList<>();
    for (DevicePlan device : plan.devices()) {
      DeviceAddress address = device.address();
      String target =
          switch (device) {
            case DevicePlan.Disk d -> d.target();
            case DevicePlan.Interface d -> d.target();
            default -> null;
          };
      if (address != null || target != null) {
        devices.add(
            new VirtualMachineStatus.DeviceAddress(
                device.name(), address == null ? null : address.text(), target));
      }
    }
    String cpu =
        switch (plan.cpu().mode()) {
          case CUSTOM -> plan.cpu().model();
          case HOST_MODEL -> "HostModel";
          case HOST_PASSTHROUGH -> "HostPassthrough";
          case MAXIMUM -> "Maximum";
        };
    return new Hardware(plan.machineType(), cpu, plan.identity().uuid(), devices);
  }
}
