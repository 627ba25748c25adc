package dev.lodge.domain.network;

import java.util.Optional;

/** An IPv4 subnet: its first address and the length of its prefix. */
public record Subnet(Ipv4 first, int prefix) {

  /** {@code a.b.c.d/n}; host bits are masked away. Empty if it is anything else. */
  public static Optional<Subnet> parse(String cidr) {
    int slash = cidr.indexOf('/');
    if (slash < 0 || !cidr.substring(slash + 1).matches("[0-9]{1,2}")) {
      return Optional.empty();
    }
    int prefix = Integer.parseInt(cidr.substring(slash + 1));
    return prefix > 32
        ? Optional.empty()
        : Ipv4.parse(cidr.substring(0, slash))
            .map(a -> new Subnet(new Ipv4(a.bits() & mask(prefix)), prefix));
  }

  private static int mask(int prefix) {
    return prefix == 0 ? 0 : -1 << (32 - prefix);
  }

  public boolean contains(Ipv4 a) {
    return (a.bits() & mask(prefix)) == first.bits();
  }

  public boolean overlaps(Subnet o) {
    return contains(o.first) || o.contains(first);
  }

  /** The broadcast address. */
  public Ipv4 last() {
    return new Ipv4(first.bits() | ~mask(prefix));
  }

  @Override
  public String toString() {
    return first + "/" + prefix;
  }
}
