package dev.lodge.domain.plan;

import dev.lodge.domain.machine.DeviceAddress;
import java.util.List;

/**
 * The places of one sort.
 *
 * @param places all of them, in the order in which they are filled
 * @param full what to say when there is none left
 */
record Bus(List<? extends DeviceAddress> places, String full) {}
