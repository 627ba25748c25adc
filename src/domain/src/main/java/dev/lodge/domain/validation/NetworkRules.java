package dev.lodge.domain.validation;

import dev.lodge.api.v1alpha1.vmnetwork.VmNetworkSpec;
import dev.lodge.domain.network.Ipv4;
import dev.lodge.domain.network.Subnet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** Rules for a VmNetwork by itself. */
final class NetworkRules {
  private static final String PATH = "spec.ipv4";

  private NetworkRules() {}

  static void check(VmNetworkSpec spec, Findings out) {
    VmNetworkSpec.Ipv4 ipv4 = spec.ipv4();
    if (ipv4 == null) {
      return;
    }
    Optional<Subnet> subnet = Subnet.parse(ipv4.cidr());
    if (subnet.isEmpty()) {
      out.error(
          PATH + ".cidr",
          "must be a subnet such as 10.20.0.0/24, without bits of a host's own address");
      return;
    }
    gateway(ipv4.gateway(), subnet.get(), out);
    List<String> ranges = Objects.requireNonNullElse(ipv4.ranges(), List.of());
    for (int i = 0; i < ranges.size(); i++) {
      range(ranges.get(i), PATH + ".ranges[" + i + "]", subnet.get(), out);
    }
    List<String> exclude = Objects.requireNonNullElse(ipv4.exclude(), List.of());
    for (int i = 0; i < exclude.size(); i++) {
      out.errorIf(
          !inside(exclude.get(i), subnet.get()),
          PATH + ".exclude[" + i + "]",
          "exclude: each must be an address in cidr");
    }
  }

  private static boolean inside(String address, Subnet subnet) {
    return Ipv4.parse(address).filter(subnet::contains).isPresent();
  }

  private static void gateway(
      @org.jspecify.annotations.Nullable String gateway, Subnet subnet, Findings out) {
    if (gateway == null) {
      return;
    }
    if (!inside(gateway, subnet)) {
      out.error(PATH + ".gateway", "must be an address in cidr");
      return;
    }
    out.errorIf(
        Ipv4.parse(gateway).filter(subnet::isForHosts).isEmpty(),
        PATH + ".gateway",
        "is the subnet's first or last address, which no host may have; take the next one");
  }

  private static void range(String range, String path, Subnet subnet, Findings out) {
    String[] ends = range.split("-", -1);
    if (ends.length != 2 || !inside(ends[0], subnet) || !inside(ends[1], subnet)) {
      out.error(path, "ranges: each must be <first>-<last> with both addresses in cidr");
      return;
    }
    Ipv4 first = Ipv4.parse(ends[0]).orElseThrow();
    Ipv4 last = Ipv4.parse(ends[1]).orElseThrow();
    out.errorIf(
        first.compareTo(last) > 0, path, "begins after it ends; write " + last + "-" + first);
  }
}
