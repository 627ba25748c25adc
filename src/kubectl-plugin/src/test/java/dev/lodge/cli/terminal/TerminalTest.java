package dev.lodge.cli.terminal;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TerminalTest {
  @ParameterizedTest
  @CsvSource({
    "a<[24;80Rb,ab",
    "<[?62;1cx,x",
    "<[0n,''",
    "<[A,<[A",
    "<[R,<[R",
    "<,<",
    "<[1;5D,<[1;5D",
    "<[12,<[12"
  })
  void takesReportsOutAndLeavesKeys(String typed, String left) {
    byte[] buffer = typed.replace('<', '\033').getBytes(StandardCharsets.US_ASCII);

    int n = Replies.strip(buffer, buffer.length);

    assertThat(new String(buffer, 0, n, StandardCharsets.US_ASCII))
        .isEqualTo(left.replace('<', '\033'));
  }

  @Test
  void findsATextInPiecesEvenAfterAFalseStart() {
    var marker = new Marker("abab!");

    assertThat(marker.find(bytes("xxab"))).isEqualTo(-1);
    assertThat(marker.find(bytes("aba"))).isEqualTo(-1);
    assertThat(marker.find(bytes("b!tail"))).isEqualTo(2);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
