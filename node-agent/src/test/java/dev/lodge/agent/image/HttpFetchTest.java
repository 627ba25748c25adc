package dev.lodge.agent.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HttpFetchTest {

  @ParameterizedTest
  @CsvSource({
    "http://a/x, https://b/y, https://b/y",
    "https://a/x, https://b/y, https://b/y",
    "http://a/x, http://b/y, http://b/y",
    "https://a/x/y, ../z, https://a/z",
    "https://a/x, //b/y, https://b/y"
  })
  void followsRedirects(String from, String location, String to) throws Exception {
    assertThat(HttpFetch.redirect(URI.create(from), location)).isEqualTo(URI.create(to));
  }

  @Test
  void doesNotGiveUpTls() {
    assertThatThrownBy(() -> HttpFetch.redirect(URI.create("https://a/x"), "http://a/x"))
        .isInstanceOf(ImportException.class)
        .hasMessageContaining("from https to http");
  }

  @ParameterizedTest
  @ValueSource(strings = {"file:///etc/shadow", "http:///x", "ht tp://x", "jar:file:/x!/y"})
  void followsNothingElse(String location) {
    assertThatThrownBy(() -> HttpFetch.redirect(URI.create("http://a/x"), location))
        .isInstanceOf(ImportException.class);
  }
}
