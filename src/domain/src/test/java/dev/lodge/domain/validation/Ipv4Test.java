package dev.lodge.domain.validation;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class Ipv4Test {
  private static final long ALL = 0xffffffffL;

  @Property(tries = 300)
  void address_is_what_it_prints(@ForAll @LongRange(max = ALL) long bits) {
    assertThat(Ipv4Address.parse(new Ipv4Address(bits).toString())).contains(new Ipv4Address(bits));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "1.2.3",
        "1.2.3.4.5",
        "1.2.3.256",
        "1.2.3.04",
        "1.2.3.-1",
        "1.2.3.+1",
        "a.b.c.d",
        "1..2.3",
        "1.2.3.٤"
      })
  void what_is_no_address_is_none(String text) {
    assertThat(Ipv4Address.parse(text)).isEmpty();
  }

  @Property(tries = 300)
  void subnet_holds_its_ends_and_no_more(
      @ForAll @LongRange(max = ALL) long bits, @ForAll @IntRange(min = 1, max = 32) int prefix) {
    long mask = ALL << (32 - prefix) & ALL;
    Ipv4Subnet subnet = Ipv4Subnet.parse(new Ipv4Address(bits & mask) + "/" + prefix).orElseThrow();

    assertThat(subnet.contains(new Ipv4Address(bits))).isTrue();
    assertThat(subnet.contains(subnet.last())).isTrue();
    assertThat(subnet.contains(new Ipv4Address(subnet.last().bits() + 1 & ALL))).isFalse();
    assertThat(subnet.contains(new Ipv4Address(subnet.first().bits() - 1 & ALL))).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "10.0.0.1/24",
        "10.0.0.0",
        "10.0.0.0/33",
        "10.0.0.0/",
        "10.0.0.0/024",
        "/24",
        "10.0.0/24"
      })
  void what_is_no_subnet_is_none(String text) {
    assertThat(Ipv4Subnet.parse(text)).isEmpty();
  }

  @Test
  void subnets_overlap_when_one_holds_the_other() {
    Ipv4Subnet wide = Ipv4Subnet.parse("10.0.0.0/16").orElseThrow();
    Ipv4Subnet inside = Ipv4Subnet.parse("10.0.255.0/24").orElseThrow();
    Ipv4Subnet beside = Ipv4Subnet.parse("10.1.0.0/16").orElseThrow();

    assertThat(wide.overlaps(inside)).isTrue();
    assertThat(inside.overlaps(wide)).isTrue();
    assertThat(wide.overlaps(beside)).isFalse();
  }
}
