package dev.lodge.cli.output;

import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;

/** How long ago something was, as kubectl writes it: {@code 45s}, {@code 5m30s}, {@code 3d4h}. */
public final class Ages {
  private Ages() {}

  /** The age of a time of the API; {@code <unknown>} if it is none. */
  public static String since(String time, Instant now) {
    try {
      return format(Duration.between(Instant.parse(time), now));
    } catch (DateTimeParseException e) {
      return "<unknown>";
    }
  }

  private static String format(Duration age) {
    long seconds = age.toSeconds();
    if (seconds < 0) {
      return "0s";
    }
    if (seconds < 120) {
      return seconds + "s";
    }
    if (seconds < 600) {
      return two(seconds / 60, "m", seconds % 60, "s");
    }
    if (seconds < 3 * 3600) {
      return seconds / 60 + "m";
    }
    if (seconds < 8 * 3600) {
      return two(seconds / 3600, "h", seconds % 3600 / 60, "m");
    }
    if (seconds < 48 * 3600) {
      return seconds / 3600 + "h";
    }
    long days = seconds / 86400;
    return days < 8 ? two(days, "d", seconds % 86400 / 3600, "h") : days + "d";
  }

  private static String two(long large, String unit, long small, String smallUnit) {
    return large + unit + (small == 0 ? "" : small + smallUnit);
  }
}
