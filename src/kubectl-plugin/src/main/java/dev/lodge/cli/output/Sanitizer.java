package dev.lodge.cli.output;

/**
 * Makes text harmless for a terminal. What an object says may come from a guest or another user; an
 * escape sequence in it must not act.
 */
public final class Sanitizer {
  private Sanitizer() {}

  /** One line: every control character, line breaks too, becomes a visible escape. */
  public static String line(String text) {
    return clean(text, false);
  }

  /** Several lines: line breaks and tabs stay. */
  public static String lines(String text) {
    return clean(text, true);
  }

  private static String clean(String text, boolean breaks) {
    int at = 0;
    while (at < text.length() && harmless(text.charAt(at), breaks)) {
      at++;
    }
    if (at == text.length()) {
      return text;
    }
    var out = new StringBuilder(text.length() + 8).append(text, 0, at);
    for (; at < text.length(); at++) {
      char c = text.charAt(at);
      if (harmless(c, breaks)) {
        out.append(c);
      } else if (c == '\n') {
        out.append("\\n");
      } else {
        out.append(String.format("\\u%04x", (int) c));
      }
    }
    return out.toString();
  }

  /** Controls of ASCII and Latin-1, and the marks that turn the direction of writing around. */
  private static boolean harmless(char c, boolean breaks) {
    if (c < 0x20) {
      return breaks && (c == '\n' || c == '\t');
    }
    return !(c >= 0x7f && c < 0xa0
        || c >= 0x202a && c <= 0x202e
        || c >= 0x2066 && c <= 0x2069
        || c == 0x200e
        || c == 0x200f);
  }
}
