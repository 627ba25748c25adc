package dev.lodge.agent.console;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PlainTextTest {
  private static String plain(String text) {
    return new PlainText().take(text.getBytes(StandardCharsets.UTF_8));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "colours: \\e[1;31mred\\e[0m. | colours: red.",
        "title: \\e]0;evil\\x07shown | title: shown",
        "title, ended by ST: \\e]0;evil\\e\\\\shown | title, ended by ST: shown",
        "device control: \\eP1$r\\e\\\\shown | device control: shown",
        "charset: \\e(Bshown | charset: shown",
        "bell\\x07 backspace\\x08 nul\\x00. | bell backspace nul.",
        "tab\\x09kept | tab\\x09kept",
        "crlf\\r\\nnext | crlf\\nnext",
        "progress 1%\\rprogress 2%\\rdone\\n | progress 1%\\nprogress 2%\\ndone\\n",
        "C1 as UTF-8: \\u009b31mred | C1 as UTF-8: red",
        "bidi: \\u202eabc | bidi: abc",
        "umlauts: äöü€ | umlauts: äöü€",
        "an OSC never ended: \\e]0;x\\nnext line | an OSC never ended: \\nnext line",
      })
  void takesOutWhatATerminalWouldActOn(String in, String expected) {
    assertThat(plain(unescape(in))).isEqualTo(unescape(expected));
  }

  private static String unescape(String s) {
    return s.replace("\\e", "\u001b")
        .replace("\\x07", "\u0007")
        .replace("\\x08", "\b")
        .replace("\\x00", "\0")
        .replace("\\x09", "\t")
        .replace("\\r", "\r")
        .replace("\\n", "\n")
        .replace("\\u009b", "\u009b")
        .replace("\\u202e", "\u202e")
        .replace("\\\\", "\\");
  }

  @Test
  void partsOfAStreamGiveWhatTheWholeGives() {
    byte[] all =
        "a\u001b[31mred\u001b[0m ä€😀 \u001b]0;title\u001b\\ b\r\nc"
            .getBytes(StandardCharsets.UTF_8);
    PlainText whole = new PlainText();
    String expected = whole.take(all);

    PlainText parts = new PlainText();
    StringBuilder text = new StringBuilder();
    for (byte b : all) {
      text.append(parts.take(new byte[] {b}));
    }

    assertThat(text).hasToString(expected);
    assertThat(expected).isEqualTo("ared ä€😀  b\nc");
  }

  @Test
  void noBytesWhateverBringAControlCharacterThrough() {
    Random random = new Random(42);
    PlainText text = new PlainText();
    for (int i = 0; i < 200; i++) {
      byte[] noise = new byte[500];
      random.nextBytes(noise);

      String out = text.take(noise);

      assertThat(out.chars().filter(c -> c != '\n' && c != '\t'))
          .noneMatch(Character::isISOControl);
    }
  }
}
