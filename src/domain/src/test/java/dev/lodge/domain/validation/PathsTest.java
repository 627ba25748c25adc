package dev.lodge.domain.validation;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PathsTest {
  @ParameterizedTest
  @ValueSource(strings = {"..", "a/..", "../a", "a/../b", "/a/..", "a//.."})
  void path_that_climbs_is_found(String path) {
    assertThat(Paths.climbs(path)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a", "a..b", "..a", "a/...", "a/b../c"})
  void dots_in_names_do_not_climb(String path) {
    assertThat(Paths.climbs(path)).isFalse();
  }

  @ParameterizedTest
  @CsvSource({"/srv/, a.img", "/srv, ./a.img", "//srv/./, /a.img", "/srv/a.img, ''"})
  void spellings_of_one_path_are_equal(String base, String below) {
    assertThat(Paths.normal(base, below)).isEqualTo("/srv/a.img");
  }
}
