package dev.lodge.cli.terminal;

/**
 * Takes a terminal's own reports out of what is typed. The replay of a console holds the queries
 * that the guest once sent ({@code ESC [6n}: where is the cursor?); the terminal answers them anew,
 * and the guest, which has long stopped waiting, would take the answers for commands.
 */
final class Replies {
  private static final int ESC = 0x1b;
  private static final int LONGEST = 32;

  private Replies() {}

  /** What is left of the first {@code length} bytes; it is moved to the front. */
  static int strip(byte[] buffer, int length) {
    int out = 0;
    for (int at = 0; at < length; ) {
      int report = report(buffer, at, length);
      if (report > 0) {
        at += report;
      } else {
        buffer[out++] = buffer[at++];
      }
    }
    return out;
  }

  /** The length of a report that begins here: ESC [ parameters, then R, c or n; else 0. */
  private static int report(byte[] buffer, int at, int length) {
    if (buffer[at] != ESC || at + 2 >= length || buffer[at + 1] != '[') {
      return 0;
    }
    for (int i = at + 2; i < length && i < at + LONGEST; i++) {
      byte b = buffer[i];
      boolean parameter = b >= '0' && b <= '9' || b == ';' || b == '?' || b == '>';
      if (!parameter) {
        return i > at + 2 && (b == 'R' || b == 'c' || b == 'n') ? i + 1 - at : 0;
      }
    }
    return 0;
  }
}
