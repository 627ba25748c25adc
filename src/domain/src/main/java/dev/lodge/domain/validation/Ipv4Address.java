package dev.lodge.domain.validation;

import java.util.Optional;

/**
 * An IPv4 address.
 *
 * @param bits as an unsigned number of 32 bits
 */
public record Ipv4Address(long bits) implements Comparable<Ipv4Address> {

  /** Four numbers from 0 to 255, without leading zeros (some read those as octal). */
  public static Optional<Ipv4Address> parse(String text) {
    String[] parts = text.split("\\.", -1);
    if (parts.length != 4) {
      return Optional.empty();
    }
    long bits = 0;
    for (String part : parts) {
      boolean number =
          !part.isEmpty()
              && part.length() <= 3
              && part.chars().allMatch(c -> c >= '0' && c <= '9')
              && (part.length() == 1 || part.charAt(0) != '0');
      if (!number || Integer.parseInt(part) > 255) {
        return Optional.empty();
      }
      bits = bits << 8 | Integer.parseInt(part);
    }
    return Optional.of(new Ipv4Address(bits));
  }

  @Override
  public int compareTo(Ipv4Address other) {
    return Long.compare(bits, other.bits);
  }

  @Override
  public String toString() {
    return (bits >> 24) + "." + (bits >> 16 & 255) + "." + (bits >> 8 & 255) + "." + (bits & 255);
  }
}
