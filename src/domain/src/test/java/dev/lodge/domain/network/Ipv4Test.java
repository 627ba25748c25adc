package dev.lodge.domain.network;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class Ipv4Test {
  @Property(tries = 300)
  void address_is_what_it_prints(@ForAll int bits) {
    assertThat(Ipv4.parse(new Ipv4(bits).toString())).contains(new Ipv4(bits));
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
    assertThat(Ipv4.parse(text)).isEmpty();
  }

  @Property(tries = 300)
  void subnet_holds_its_ends_and_no_more(
      @ForAll int bits, @ForAll @IntRange(min = 1, max = 32) int prefix) {
    Subnet subnet = Subnet.around(new Ipv4(bits), prefix);

    assertThat(Subnet.parse(subnet.toString())).contains(subnet);
    assertThat(subnet.contains(new Ipv4(bits))).isTrue();
    assertThat(subnet.contains(subnet.last())).isTrue();
    assertThat(subnet.contains(subnet.last().plus(1))).isFalse();
    assertThat(subnet.contains(subnet.first().plus(-1))).isFalse();
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
    assertThat(Subnet.parse(text)).isEmpty();
  }

  @Test
  void subnets_overlap_when_one_holds_the_other() {
    Subnet wide = Subnet.parse("10.0.0.0/16").orElseThrow();
    Subnet inside = Subnet.parse("10.0.255.0/24").orElseThrow();
    Subnet beside = Subnet.parse("10.1.0.0/16").orElseThrow();

    assertThat(wide.overlaps(inside)).isTrue();
    assertThat(inside.overlaps(wide)).isTrue();
    assertThat(wide.overlaps(beside)).isFalse();
  }
}
