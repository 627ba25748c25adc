package dev.lodge.agent.apiserver;

import java.io.Closeable;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** A WebSocket client, frame by frame. */
final class RawWebSocket implements Closeable {
  static final int TEXT = 1;
  static final int BINARY = 2;
  static final int CLOSE = 8;
  static final int PING = 9;

  private final RawHttp http;

  /** One frame as it came. */
  record Frame(int opcode, byte[] payload) {
    String text() {
      return new String(payload, StandardCharsets.UTF_8);
    }

    /** The code of a close frame. */
    int code() {
      return (payload[0] & 0xff) << 8 | payload[1] & 0xff;
    }

    String reason() {
      return new String(Arrays.copyOfRange(payload, 2, payload.length), StandardCharsets.UTF_8);
    }
  }

  private RawWebSocket(RawHttp http) {
    this.http = http;
  }

  static String handshake(String target, String protocol) {
    return "GET "
        + target
        + " HTTP/1.1\r\nHost: lodge\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
        + (protocol.isEmpty() ? "" : "Sec-WebSocket-Protocol: " + protocol + "\r\n")
        + "\r\n";
  }

  static RawWebSocket open(ApiHarness api, String target) throws IOException {
    RawHttp http = api.connect();
    http.send(handshake(target, GuestStreams.SUBPROTOCOL));
    RawWebSocket socket = new RawWebSocket(http);
    RawHttp.Answer answer = http.head();
    if (answer.code() != 101
        || !GuestStreams.SUBPROTOCOL.equals(answer.headers().get("sec-websocket-protocol"))) {
      throw new IOException("no WebSocket: " + answer);
    }
    return socket;
  }

  void send(int opcode, byte[] payload) throws IOException {
    byte[] head;
    if (payload.length < 126) {
      head = new byte[] {(byte) (0x80 | opcode), (byte) (0x80 | payload.length), 0, 0, 0, 0};
    } else {
      head =
          new byte[] {
            (byte) (0x80 | opcode),
            (byte) (0x80 | 127),
            0,
            0,
            0,
            0,
            (byte) (payload.length >> 24),
            (byte) (payload.length >> 16),
            (byte) (payload.length >> 8),
            (byte) payload.length,
            0,
            0,
            0,
            0
          };
    }
    // A mask of zeros leaves the payload as it is.
    http.send(head);
    http.send(payload);
  }

  Frame frame() throws IOException {
    byte[] head = http.read(2);
    if (head.length < 2) {
      throw new java.io.EOFException("the server closed");
    }
    long length = head[1] & 0x7f;
    if (length == 126) {
      byte[] more = http.read(2);
      length = (more[0] & 0xff) << 8 | more[1] & 0xff;
    } else if (length == 127) {
      length = 0;
      for (byte b : http.read(8)) {
        length = length << 8 | b & 0xff;
      }
    }
    return new Frame(head[0] & 0xf, http.read((int) length));
  }

  /** Reads binary frames until they hold so many bytes. */
  String read(int bytes) throws IOException {
    StringBuilder all = new StringBuilder();
    while (all.length() < bytes) {
      Frame f = frame();
      if (f.opcode() == CLOSE) {
        throw new IOException("closed: " + f.code() + " " + f.reason() + " after " + all.length());
      }
      if (f.opcode() == BINARY) {
        all.append(new String(f.payload(), StandardCharsets.ISO_8859_1));
      }
    }
    return all.toString();
  }

  /** Reads up to the close frame. */
  Frame closeFrame() throws IOException {
    while (true) {
      Frame f = frame();
      if (f.opcode() == CLOSE) {
        return f;
      }
    }
  }

  @Override
  public void close() throws IOException {
    http.close();
  }
}
