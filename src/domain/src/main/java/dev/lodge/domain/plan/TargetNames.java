package dev.lodge.domain.plan;

import dev.lodge.domain.machine.DevicePlan.Disk.Bus;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/** Target names of disks ({@code vda}): kept where pinned, else the first that is free. */
final class TargetNames {
  private final Map<String, String> names = new LinkedHashMap<>();
  private final Set<String> taken = new LinkedHashSet<>();

  /** A disk on its bus. */
  record Wish(String device, Bus bus) {}

  TargetNames(List<Wish> wishes, Pins pins) {
    for (Wish wish : wishes) {
      String pinned = pins.target(wish.device());
      if (pinned != null
          && pinned.matches(prefix(wish.bus()) + "[a-z]{1,3}")
          && taken.add(pinned)) {
        names.put(wish.device(), pinned);
      }
    }
    for (Wish wish : wishes) {
      names.computeIfAbsent(wish.device(), d -> free(prefix(wish.bus())));
    }
  }

  /** The name of a disk that was among the wishes. */
  String of(String device) {
    return Objects.requireNonNull(names.get(device), device);
  }

  private String free(String prefix) {
    int n = 0;
    while (!taken.add(prefix + letters(n))) {
      n++;
    }
    return prefix + letters(n);
  }

  private static String prefix(Bus bus) {
    return switch (bus) {
      case VIRTIO -> "vd";
      case IDE -> "hd";
      case SCSI, SATA, USB -> "sd";
    };
  }

  /** a, b, ..., z, aa, ab, ... */
  static String letters(int n) {
    String last = String.valueOf((char) ('a' + n % 26));
    return n < 26 ? last : letters(n / 26 - 1) + last;
  }
}
