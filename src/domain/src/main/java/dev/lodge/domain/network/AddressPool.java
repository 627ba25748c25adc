package dev.lodge.domain.network;

import dev.lodge.api.v1alpha1.vmnetwork.VmNetworkSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Which addresses of a network may be given to VMs, and the next one that is free.
 *
 * @param ranges from first to last, both included; outside of them only fixed addresses are given
 */
public record AddressPool(Subnet subnet, Ipv4 gateway, List<Range> ranges, List<Ipv4> excluded) {

  /** First and last address. */
  public record Range(Ipv4 first, Ipv4 last) {
    boolean contains(Ipv4 a) {
      return a.compareTo(first) >= 0 && a.compareTo(last) <= 0;
    }
  }

  /** An address, or why there is none. */
  public sealed interface Given {
    record Address(Ipv4 ip) implements Given {}

    /** The address that was asked for, or each that there is, is somebody's. */
    record InUse(String message) implements Given {}

    /** The address that was asked for is none of this network's; the message says the mend. */
    record Refused(String message) implements Given {}
  }

  /** The pool of a network; {@code cidr} is used where the spec names none. */
  public static AddressPool of(VmNetworkSpec spec, Subnet cidr) {
    VmNetworkSpec.Ipv4 v4 = spec.ipv4();
    Subnet subnet = v4 == null ? cidr : Subnet.parse(v4.cidr()).orElse(cidr);
    Ipv4 gateway = parse(v4 == null ? null : v4.gateway()).orElse(subnet.first().plus(1));
    var ranges = new ArrayList<Range>();
    for (String r : v4 == null || v4.ranges() == null ? List.<String>of() : v4.ranges()) {
      String[] ends = r.split("-", 2);
      if (ends.length == 2) {
        parse(ends[0]).ifPresent(a -> parse(ends[1]).ifPresent(b -> ranges.add(new Range(a, b))));
      }
    }
    if (ranges.isEmpty()) {
      ranges.add(new Range(subnet.first().plus(1), subnet.last().plus(-1)));
    }
    var excluded = new ArrayList<Ipv4>();
    for (String e : v4 == null || v4.exclude() == null ? List.<String>of() : v4.exclude()) {
      parse(e).ifPresent(excluded::add);
    }
    return new AddressPool(subnet, gateway, ranges, excluded);
  }

  private static Optional<Ipv4> parse(@Nullable String text) {
    return text == null ? Optional.empty() : Ipv4.parse(text);
  }

  /**
   * A fixed address, or the first free one.
   *
   * @param wish from the spec; null: any
   * @param kept what the interface had before; kept if it still may be
   * @param holders of the addresses that are in use, for the message
   */
  public Given give(@Nullable String wish, @Nullable String kept, Map<Ipv4, String> holders) {
    if (wish != null) {
      return fixed(wish, holders);
    }
    Optional<Ipv4> before = parse(kept);
    if (before.isPresent() && usable(before.get()) && !holders.containsKey(before.get())) {
      return new Given.Address(before.get());
    }
    for (Range r : ranges) {
      // In numbers that do not wrap: a range may end with the last address that there is.
      long first = Math.max(number(r.first()), number(subnet.first()) + 1);
      long last = Math.min(number(r.last()), number(subnet.last()) - 1);
      for (long n = first; n <= last; n++) {
        Ipv4 a = new Ipv4((int) n);
        if (usable(a) && !holders.containsKey(a)) {
          return new Given.Address(a);
        }
      }
    }
    return new Given.InUse(
        "no address of "
            + subnet
            + " is free ("
            + holders.size()
            + " in use); delete VMs, or make a network with a larger ipv4.cidr");
  }

  private static long number(Ipv4 a) {
    return Integer.toUnsignedLong(a.bits());
  }

  private Given fixed(String wish, Map<Ipv4, String> holders) {
    Optional<Ipv4> ip = Ipv4.parse(wish);
    if (ip.isEmpty()) {
      return new Given.Refused("'" + wish + "' is no IPv4 address");
    }
    if (!subnet.contains(ip.get())) {
      return new Given.Refused(wish + " is outside the network's " + subnet);
    }
    if (ip.get().equals(gateway)) {
      return new Given.Refused(wish + " is the network's gateway; take another");
    }
    if (ip.get().equals(subnet.first()) || ip.get().equals(subnet.last())) {
      return new Given.Refused(
          wish + " is the subnet's own or its broadcast address; take another");
    }
    if (excluded.contains(ip.get())) {
      return new Given.Refused(wish + " is in the network's ipv4.exclude");
    }
    String holder = holders.get(ip.get());
    return holder == null
        ? new Given.Address(ip.get())
        : new Given.InUse(wish + " is in use by " + holder + "; take another");
  }

  private boolean usable(Ipv4 a) {
    return subnet.contains(a)
        && !a.equals(gateway)
        && !a.equals(subnet.first())
        && !a.equals(subnet.last())
        && !excluded.contains(a)
        && ranges.stream().anyMatch(r -> r.contains(a));
  }

  /**
   * The first free /24: of 10.127.0.0/16, where few networks are, or where all of 10 is routed
   * elsewhere, of 192.168.150.0 and on. libvirt's own 192.168.122.0/24 is never among them. Empty:
   * all are taken.
   */
  public static Optional<Subnet> freeSubnet(List<Subnet> taken) {
    IntStream starts =
        IntStream.concat(
            IntStream.range(0, 256).map(i -> 10 << 24 | 127 << 16 | i << 8),
            IntStream.range(150, 255).map(i -> 192 << 24 | 168 << 16 | i << 8));
    return starts
        .mapToObj(bits -> new Subnet(new Ipv4(bits), 24))
        .filter(s -> taken.stream().noneMatch(s::overlaps))
        .findFirst();
  }
}
