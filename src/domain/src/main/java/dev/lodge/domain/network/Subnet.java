package dev.lodge.domain.network;

import java.util.Optional;

/** An IPv4 subnet: its first address and the length of its prefix. */
public record Subnet(Ipv4 first, int prefix) {

  /** {@code a.b.c.d/n}; empty if it is anything else, or the address has bits of a host. */
  public static Optional<Subnet> parse(String cidr) {
    int slash = cidr.indexOf('/');
    if (slash < 0 || !cidr.substring(slash + 1).matches("[0-9]|[12][0-9]|3[0-2]")) {
      return Optional.empty();
    }
    int prefix = Integer.parseInt(cidr.substring(slash + 1));
    return Ipv4.parse(cidr.substring(0, slash))
        .filter(a -> (a.bits() & ~mask(prefix)) == 0)
        .map(a -> new Subnet(a, prefix));
  }

  /** The subnet of this prefix that holds the address. */
  public static Subnet around(Ipv4 address, int prefix) {
    return new Subnet(new Ipv4(address.bits() & mask(prefix)), prefix);
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

  /** Neither the subnet's own address nor that of broadcasts. */
  public boolean isForHosts(Ipv4 a) {
    return contains(a) && !a.equals(first) && !a.equals(last());
  }

  @Override
  public String toString() {
    return first + "/" + prefix;
  }
}
