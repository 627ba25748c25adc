package dev.lodge.domain.plan;

import dev.lodge.domain.machine.DeviceAddress;
import dev.lodge.domain.machine.DevicePlan;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Gives every device its place. First those that have been somewhere already, so that a new device
 * never takes the place of an old one; then the new ones, each the first free place of its sort.
 */
final class AddressPlan {
  private final Board board;
  private final Pins pins;
  private final Problems problems;
  private final Map<String, DeviceAddress> given = new LinkedHashMap<>();
  private final Set<Spot> taken = new LinkedHashSet<>();

  /** An address on its bus: a SATA and a SCSI controller each have a first place. */
  private record Spot(String bus, DeviceAddress address) {

    static Spot of(Place place, DeviceAddress address) {
      return new Spot(address instanceof DeviceAddress.Drive ? place.toString() : "", address);
    }
  }

  private AddressPlan(Board board, Pins pins, Problems problems) {
    this.board = board;
    this.pins = pins;
    this.problems = problems;
  }

  /** The devices at their places, and the controllers of the board. */
  static List<DevicePlan> place(Board board, Pins pins, List<Draft> drafts, Problems problems) {
    var plan = new AddressPlan(board, pins, problems);
    drafts.forEach(plan::keep);
    drafts.forEach(plan::give);
    List<DevicePlan> devices =
        new ArrayList<>(board.controllers(List.copyOf(plan.given.values()), pins));
    for (Draft draft : drafts) {
      devices.add(draft.at().at(plan.given.get(draft.name())));
    }
    return devices;
  }

  private void keep(Draft draft) {
    @Nullable DeviceAddress address =
        switch (draft.place()) {
          case Place.Fixed fixed -> fixed.address();
          case Place.Nowhere n -> null;
          case Place.On sort -> pinned(draft, sort);
        };
    if (address != null && taken.add(Spot.of(draft.place(), address))) {
      given.put(draft.name(), address);
    }
  }

  /** A pin counts only if the place is one that this sort of device can have on this board. */
  private @Nullable DeviceAddress pinned(Draft draft, Place.On sort) {
    DeviceAddress address = pins.address(draft.name());
    return address != null && board.bus(sort).places().contains(address) ? address : null;
  }

  private void give(Draft draft) {
    if (draft.place() instanceof Place.On sort && !given.containsKey(draft.name())) {
      Bus bus = board.bus(sort);
      bus.places().stream()
          .filter(place -> !taken.contains(Spot.of(sort, place)))
          .findFirst()
          .ifPresentOrElse(
              place -> {
                taken.add(Spot.of(sort, place));
                given.put(draft.name(), place);
              },
              () -> full(draft, bus));
    }
  }

  private void full(Draft draft, Bus bus) {
    String[] parts = bus.full().split("; ", 2);
    problems.add(draft.path(), parts[0], parts.length > 1 ? parts[1] : "take something else out");
  }
}
