package dev.lodge.cli.http;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;

/** The body of an answer, as its framing says: chunked, of a known length, or until the end. */
final class Body extends InputStream {
  private static final long UNTIL_CLOSE = -1;

  private final UnixConnection connection;
  private final boolean chunked;
  private long left;
  private boolean first = true;
  private boolean done;

  private Body(UnixConnection connection, boolean chunked, long left) {
    this.connection = connection;
    this.chunked = chunked;
    this.left = left;
  }

  static Body of(HttpHead head, UnixConnection connection) throws IOException {
    if (head.status() == 204 || head.status() == 304) {
      return new Body(connection, false, 0);
    }
    String encoding = head.header("transfer-encoding");
    if (encoding != null) {
      if (!encoding.equalsIgnoreCase("chunked")) {
        throw new IOException("unknown transfer encoding '" + encoding + "'");
      }
      return new Body(connection, true, 0);
    }
    String length = head.header("content-length");
    if (length == null) {
      return new Body(connection, false, UNTIL_CLOSE);
    }
    try {
      long n = Long.parseLong(length);
      if (n >= 0) {
        return new Body(connection, false, n);
      }
    } catch (NumberFormatException e) {
      // said below
    }
    throw new IOException("bad content length '" + length + "'");
  }

  @Override
  public int read() throws IOException {
    var one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] target, int offset, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    if (done) {
      return -1;
    }
    if (left == UNTIL_CLOSE) {
      int n = connection.read(target, offset, length);
      done = n < 0;
      return n;
    }
    if (left == 0 && !(chunked && nextChunk())) {
      done = true;
      return -1;
    }
    int n = connection.read(target, offset, (int) Math.min(length, left));
    if (n < 0) {
      throw new EOFException("the agent closed the connection in the middle of its answer");
    }
    left -= n;
    return n;
  }

  private boolean nextChunk() throws IOException {
    if (!first) {
      line();
    }
    first = false;
    String size = line();
    int semicolon = size.indexOf(';');
    try {
      left = Long.parseLong((semicolon < 0 ? size : size.substring(0, semicolon)).strip(), 16);
    } catch (NumberFormatException e) {
      throw new IOException("bad chunk size '" + size + "'", e);
    }
    if (left < 0) {
      throw new IOException("bad chunk size '" + size + "'");
    }
    if (left > 0) {
      return true;
    }
    while (!line().isEmpty()) {
      // trailers mean nothing here
    }
    return false;
  }

  private String line() throws IOException {
    var line = new StringBuilder();
    for (int b = connection.read(); b != '\n'; b = connection.read()) {
      if (b < 0) {
        throw new EOFException("the agent closed the connection in the middle of its answer");
      }
      if (line.length() > 1024) {
        throw new IOException("a chunk's head is too long");
      }
      if (b != '\r') {
        line.append((char) b);
      }
    }
    return line.toString();
  }

  @Override
  public void close() throws IOException {
    connection.close();
  }
}
