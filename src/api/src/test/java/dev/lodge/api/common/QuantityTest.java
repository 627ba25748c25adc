package dev.lodge.api.common;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class QuantityTest {
  @ParameterizedTest
  @CsvSource({
    "0, 0",
    "512, 512",
    "1024, 1Ki",
    "1025, 1025",
    "1610612736, 1536Mi",
    "21474836480, 20Gi",
    "10737418752, 10737418752",
    "9223372036854775807, 9223372036854775807"
  })
  void bytes_are_told_exactly_in_the_largest_unit_that_leaves_no_rest(long bytes, String text) {
    Quantity told = Quantity.ofBytes(bytes);

    assertThat(told.text()).isEqualTo(text);
    assertThat(told.bytes()).isEqualTo(bytes);
  }
}
