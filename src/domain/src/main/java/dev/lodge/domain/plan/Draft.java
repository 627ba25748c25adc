package dev.lodge.domain.plan;

import dev.lodge.domain.machine.DeviceAddress;
import dev.lodge.domain.machine.DevicePlan;
import org.jspecify.annotations.Nullable;

/**
 * A device that has no address yet.
 *
 * @param path the field that asked for it, for messages
 * @param at makes the device, once its place is known
 */
record Draft(String name, String path, Place place, Maker at) {

  /** Puts a device at an address. */
  @FunctionalInterface
  interface Maker {
    DevicePlan at(@Nullable DeviceAddress address);
  }
}
