package dev.lodge.domain.validation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.AlphaChars;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NearestTest {
  private static final List<String> KNOWN =
      List.of("PoweredOn", "PoweredOff", "pc", "q35", "count", "networkRef");

  @ParameterizedTest
  @CsvSource({
    "PoweredOnn, PoweredOn",
    "poweredoff, PoweredOff",
    "PowerdOff, PoweredOff",
    "q53, q35",
    "conut, count",
    "networkref, networkRef",
    "PC, pc",
    "zebra, ''",
    "x, ''",
    "'', ''",
  })
  void slip_finds_the_word_and_another_word_does_not(String wanted, String expected) {
    assertThat(Nearest.to(wanted, KNOWN).orElse("")).isEqualTo(expected);
  }

  @Property(tries = 300)
  void distance_is_a_distance(
      @ForAll @AlphaChars @StringLength(max = 8) String a,
      @ForAll @AlphaChars @StringLength(max = 8) String b) {
    int distance = Nearest.distance(a, b);

    assertThat(distance).isEqualTo(Nearest.distance(b, a));
    assertThat(distance == 0).isEqualTo(a.equals(b));
    assertThat(distance)
        .isBetween(Math.abs(a.length() - b.length()), Math.max(a.length(), b.length()));
  }
}
