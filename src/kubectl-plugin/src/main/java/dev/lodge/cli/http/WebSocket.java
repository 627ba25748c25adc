package dev.lodge.cli.http;

import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import org.jspecify.annotations.Nullable;

/**
 * The client's side of a WebSocket (RFC 6455), for streams: the parts of a fragmented message are
 * handed on as they come. One thread may receive while others send.
 */
public final class WebSocket implements Closeable {
  private static final int CONTINUATION = 0;
  private static final int BINARY = 2;
  private static final int CLOSE = 8;
  private static final int PING = 9;
  private static final int PONG = 10;
  private static final int MAX_FRAME = 16 * 1024 * 1024;

  private final UnixConnection connection;
  private final SecureRandom random = new SecureRandom();
  private String closeReason = "";
  private int closeCode;

  WebSocket(UnixConnection connection) {
    this.connection = connection;
  }

  /** Sends bytes as one message. */
  public void send(byte[] data, int offset, int length) throws IOException {
    frame(BINARY, data, offset, length);
  }

  /** The next piece of data, never empty; null once the other side has closed. */
  public byte @Nullable [] receive() throws IOException {
    while (true) {
      int head = connection.read();
      if (head < 0) {
        return null;
      }
      byte[] payload = payload();
      switch (head & 0x0f) {
        case PING -> frame(PONG, payload, 0, payload.length);
        case PONG -> {}
        case CLOSE -> {
          closed(payload);
          return null;
        }
        case CONTINUATION, 1, BINARY -> {
          if (payload.length > 0) {
            return payload;
          }
        }
        default -> throw new IOException("unknown WebSocket frame " + (head & 0x0f));
      }
    }
  }

  /** Why the other side closed, in its own words; empty if it gave none. */
  public String closeReason() {
    return closeReason;
  }

  /** The other side's close code (RFC 6455, 7.4); 0 if it gave none. */
  public int closeCode() {
    return closeCode;
  }

  private byte[] payload() throws IOException {
    int b = required();
    if ((b & 0x80) != 0) {
      throw new IOException("the agent sent a masked WebSocket frame");
    }
    long length = b & 0x7f;
    if (length == 126) {
      length = number(2);
    } else if (length == 127) {
      length = number(8);
    }
    if (length < 0 || length > MAX_FRAME) {
      throw new IOException("the agent sent a WebSocket frame of " + length + " bytes");
    }
    var payload = new byte[(int) length];
    for (int at = 0; at < payload.length; ) {
      int n = connection.read(payload, at, payload.length - at);
      if (n < 0) {
        throw new EOFException("the agent closed the connection in the middle of a frame");
      }
      at += n;
    }
    return payload;
  }

  private long number(int bytes) throws IOException {
    long n = 0;
    for (int i = 0; i < bytes; i++) {
      n = n << 8 | required();
    }
    return n;
  }

  private int required() throws IOException {
    int b = connection.read();
    if (b < 0) {
      throw new EOFException("the agent closed the connection in the middle of a frame");
    }
    return b;
  }

  private void closed(byte[] payload) {
    if (payload.length >= 2) {
      closeCode = (payload[0] & 0xff) << 8 | payload[1] & 0xff;
      closeReason = new String(payload, 2, payload.length - 2, StandardCharsets.UTF_8);
    }
    try {
      frame(CLOSE, payload, 0, Math.min(2, payload.length));
    } catch (IOException e) {
      // The other side has gone already, which is what was asked for.
    }
  }

  private void frame(int opcode, byte[] data, int offset, int length) throws IOException {
    var mask = new byte[4];
    random.nextBytes(mask);
    ByteBuffer out = ByteBuffer.allocate(14 + length);
    out.put((byte) (0x80 | opcode));
    if (length < 126) {
      out.put((byte) (0x80 | length));
    } else if (length < 65536) {
      out.put((byte) (0x80 | 126)).putShort((short) length);
    } else {
      out.put((byte) (0x80 | 127)).putLong(length);
    }
    out.put(mask);
    for (int i = 0; i < length; i++) {
      out.put((byte) (data[offset + i] ^ mask[i & 3]));
    }
    connection.write(out.flip());
  }

  /** Says goodbye and hangs up. */
  @Override
  public void close() throws IOException {
    try {
      frame(CLOSE, new byte[] {0x03, (byte) 0xe8}, 0, 2);
    } catch (IOException e) {
      // It was closed already.
    }
    connection.close();
  }
}
