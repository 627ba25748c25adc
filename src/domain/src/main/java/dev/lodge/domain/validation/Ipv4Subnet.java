package dev.lodge.domain.validation;

import java.util.Optional;

/**
 * An IPv4 subnet.
 *
 * @param first its lowest address, which names the subnet
 * @param prefix length of the prefix, 0 to 32
 */
public record Ipv4Subnet(Ipv4Address first, int prefix) {

  /** {@code <address>/<prefix>}; empty if it is no subnet, or the address has bits of a host. */
  public static Optional<Ipv4Subnet> parse(String text) {
    int slash = text.indexOf('/');
    if (slash < 0 || !text.substring(slash + 1).matches("[0-9]|[12][0-9]|3[0-2]")) {
      return Optional.empty();
    }
    int prefix = Integer.parseInt(text.substring(slash + 1));
    return Ipv4Address.parse(text.substring(0, slash))
        .map(a -> new Ipv4Subnet(a, prefix))
        .filter(s -> (s.first.bits() & s.hostMask()) == 0);
  }

  private long hostMask() {
    return (1L << 32 - prefix) - 1;
  }

  /** The highest address. */
  public Ipv4Address last() {
    return new Ipv4Address(first.bits() | hostMask());
  }

  public boolean contains(Ipv4Address address) {
    return (address.bits() & ~hostMask()) == first.bits();
  }

  public boolean overlaps(Ipv4Subnet other) {
    return contains(other.first) || other.contains(first);
  }

  /** Neither the subnet's own address nor that of broadcasts. */
  public boolean isForHosts(Ipv4Address address) {
    return contains(address) && !address.equals(first) && !address.equals(last());
  }

  @Override
  public String toString() {
    return first + "/" + prefix;
  }
}
