package dev.lodge.agent.image;

import java.util.Locale;

/** Amounts of bytes for people. */
final class Bytes {
  private Bytes() {}

  /** For example {@code 1.5 GiB}. */
  static String text(long bytes) {
    if (bytes < 1024) {
      return bytes + " bytes";
    }
    double amount = bytes;
    int unit = -1;
    while (amount >= 1024 && unit < 5) {
      amount /= 1024;
      unit++;
    }
    return String.format(Locale.ROOT, "%.1f %ciB", amount, "KMGTPE".charAt(unit));
  }
}
