package dev.lodge.cli.http;

import java.io.EOFException;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The head of an answer.
 *
 * @param headers by name in lower case; of a repeated one the last
 */
record HttpHead(int status, Map<String, String> headers) {
  private static final int MAX_BYTES = 64 * 1024;

  /** Reads a head, after any interim (1xx) ones but 101. */
  static HttpHead read(UnixConnection connection) throws IOException {
    while (true) {
      var budget = new int[] {MAX_BYTES};
      int status = status(line(connection, budget));
      var headers = new LinkedHashMap<String, String>();
      for (String line = line(connection, budget);
          !line.isEmpty();
          line = line(connection, budget)) {
        int colon = line.indexOf(':');
        if (colon <= 0) {
          throw new IOException("the agent's answer is no HTTP: header '" + line + "'");
        }
        headers.put(
            line.substring(0, colon).toLowerCase(Locale.ROOT), line.substring(colon + 1).strip());
      }
      if (status >= 200 || status == 101) {
        return new HttpHead(status, headers);
      }
    }
  }

  /** A header by its name in lower case. */
  @Nullable String header(String name) {
    return headers.get(name);
  }

  private static int status(String line) throws IOException {
    try {
      if (line.startsWith("HTTP/1.") && line.length() >= 12) {
        return Integer.parseInt(line.substring(9, 12));
      }
    } catch (NumberFormatException e) {
      // said below
    }
    throw new IOException("the other side of the socket speaks no HTTP: '" + line + "'");
  }

  private static String line(UnixConnection connection, int[] budget) throws IOException {
    var line = new StringBuilder();
    while (true) {
      int b = connection.read();
      if (b < 0) {
        throw new EOFException("the agent closed the connection before its answer was complete");
      }
      if (--budget[0] < 0) {
        throw new IOException("the head of the agent's answer exceeds " + MAX_BYTES + " bytes");
      }
      if (b == '\n') {
        int end = line.length();
        return end > 0 && line.charAt(end - 1) == '\r'
            ? line.substring(0, end - 1)
            : line.toString();
      }
      line.append((char) b);
    }
  }
}
