package dev.lodge.cli.terminal;

import java.nio.charset.StandardCharsets;

/** Finds a text in a stream that comes in pieces. */
final class Marker {
  private final byte[] wanted;
  private final int[] fallback;
  private int matched;

  Marker(String text) {
    wanted = text.getBytes(StandardCharsets.UTF_8);
    fallback = new int[wanted.length];
    for (int i = 1, k = 0; i < wanted.length; i++) {
      while (k > 0 && wanted[i] != wanted[k]) {
        k = fallback[k - 1];
      }
      if (wanted[i] == wanted[k]) {
        k++;
      }
      fallback[i] = k;
    }
  }

  /** The index after the text's end in this piece, or -1. */
  int find(byte[] piece) {
    for (int i = 0; i < piece.length; i++) {
      while (matched > 0 && piece[i] != wanted[matched]) {
        matched = fallback[matched - 1];
      }
      if (piece[i] == wanted[matched] && ++matched == wanted.length) {
        matched = 0;
        return i + 1;
      }
    }
    return -1;
  }
}
