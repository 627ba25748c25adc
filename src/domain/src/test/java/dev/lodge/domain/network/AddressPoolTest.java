package dev.lodge.domain.network;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lodge.api.v1alpha1.vmnetwork.VmNetworkSpec;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class AddressPoolTest {
  private static final Subnet NET = Subnet.parse("10.0.0.0/28").orElseThrow();
  private static final AddressPool POOL =
      AddressPool.of(new VmNetworkSpec(new VmNetworkSpec.Nat(), null, null, null), NET);

  @Test
  void the_first_free_address_is_given_and_the_gateway_never() {
    assertThat(POOL.give(null, null, Map.of()))
        .isEqualTo(new AddressPool.Given.Address(Ipv4.parse("10.0.0.2").orElseThrow()));
    assertThat(POOL.give("10.0.0.1", null, Map.of())).asString().contains("gateway");
  }

  @Test
  void an_address_is_kept_while_it_may_be() {
    assertThat(POOL.give(null, "10.0.0.9", Map.of())).asString().contains("10.0.0.9");
    assertThat(POOL.give(null, "10.9.9.9", Map.of())).asString().contains("10.0.0.2");
  }

  @Test
  void a_fixed_address_is_refused_with_the_reason() {
    var holders = new LinkedHashMap<Ipv4, String>();
    holders.put(Ipv4.parse("10.0.0.5").orElseThrow(), "default/other (lan)");
    assertThat(POOL.give("10.0.0.5", null, holders)).asString().contains("in use by default/other");
    assertThat(POOL.give("10.0.1.5", null, holders)).asString().contains("outside");
    assertThat(POOL.give("10.0.0.15", null, holders)).asString().contains("broadcast");
    assertThat(POOL.give("1.2.3", null, holders)).asString().contains("no IPv4 address");
  }

  /** Counting on from 255.255.255.255 would begin with 0.0.0.0. */
  @Test
  void a_range_may_end_with_the_last_address_that_there_is() {
    for (String cidr : List.of("255.255.255.0/24", "255.255.255.254/31", "255.255.255.255/32")) {
      AddressPool pool =
          AddressPool.of(
              new VmNetworkSpec(
                  new VmNetworkSpec.Nat(),
                  new VmNetworkSpec.Ipv4(
                      cidr, null, List.of("255.255.255.255-255.255.255.255"), null),
                  null,
                  null),
              Subnet.parse(cidr).orElseThrow());
      assertThat(pool.give(null, null, Map.of())).isInstanceOf(AddressPool.Given.InUse.class);
    }
  }

  @Property
  void no_address_is_given_twice(@ForAll @IntRange(min = 1, max = 40) int vms) {
    var holders = new LinkedHashMap<Ipv4, String>();
    for (int i = 0; i < vms; i++) {
      switch (POOL.give(null, null, holders)) {
        case AddressPool.Given.Address a -> {
          assertThat(holders).doesNotContainKey(a.ip());
          assertThat(NET.contains(a.ip())).isTrue();
          holders.put(a.ip(), "vm" + i);
        }
        case AddressPool.Given.InUse no -> {
          assertThat(holders).hasSize(13);
          assertThat(no.message()).contains("13 in use");
        }
        case AddressPool.Given.Refused no -> throw new AssertionError(no.message());
      }
    }
  }

  @Test
  void a_free_subnet_avoids_what_the_host_uses() {
    assertThat(AddressPool.freeSubnet(List.of(Subnet.parse("10.127.0.0/23").orElseThrow())))
        .hasToString("Optional[10.127.2.0/24]");
    assertThat(AddressPool.freeSubnet(List.of(Subnet.parse("10.0.0.0/8").orElseThrow())))
        .hasToString("Optional[192.168.150.0/24]");
    assertThat(
            AddressPool.freeSubnet(
                List.of(
                    Subnet.parse("10.0.0.0/8").orElseThrow(),
                    Subnet.parse("192.168.0.0/16").orElseThrow())))
        .isEmpty();
  }

  @Test
  void a_derived_mac_is_stable_unicast_and_differs_by_every_part() {
    String mac = MacAddresses.derive("i", "ns", "vm", "lan");
    assertThat(mac)
        .isEqualTo(MacAddresses.derive("i", "ns", "vm", "lan"))
        .matches("52(:[0-9a-f]{2}){5}");
    assertThat(
            List.of(
                MacAddresses.derive("j", "ns", "vm", "lan"),
                MacAddresses.derive("i", "n", "vm", "lan"),
                MacAddresses.derive("i", "ns", "v", "lan"),
                MacAddresses.derive("i", "ns", "vm", "wan")))
        .doesNotHaveDuplicates()
        .doesNotContain(mac);
  }
}
