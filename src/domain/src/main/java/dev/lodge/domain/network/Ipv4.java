package dev.lodge.domain.network;

import java.util.Optional;

/** An IPv4 address as a number, which is what ranges and subnets are made of. */
public record Ipv4(int bits) implements Comparable<Ipv4> {

  /**
   * Four decimal numbers without leading zeros (some read those as octal); empty if it is anything
   * else.
   */
  public static Optional<Ipv4> parse(String text) {
    String[] parts = text.split("\\.", -1);
    if (parts.length != 4) {
      return Optional.empty();
    }
    int bits = 0;
    for (String p : parts) {
      if (!p.matches("0|[1-9][0-9]{0,2}") || Integer.parseInt(p) > 255) {
        return Optional.empty();
      }
      bits = bits << 8 | Integer.parseInt(p);
    }
    return Optional.of(new Ipv4(bits));
  }

  /** The address {@code n} further on. */
  public Ipv4 plus(int n) {
    return new Ipv4(bits + n);
  }

  @Override
  public int compareTo(Ipv4 o) {
    return Integer.compareUnsigned(bits, o.bits);
  }

  @Override
  public String toString() {
    return (bits >>> 24)
        + "."
        + (bits >>> 16 & 255)
        + "."
        + (bits >>> 8 & 255)
        + "."
        + (bits & 255);
  }
}
