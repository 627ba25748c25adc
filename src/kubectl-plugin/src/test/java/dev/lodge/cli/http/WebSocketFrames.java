package dev.lodge.cli.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lodge.cli.FakeAgent;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Base64;

/** The server's side of a WebSocket, by hand. */
public final class WebSocketFrames {
  private WebSocketFrames() {}

  /** The server's half of the handshake. */
  public static void accept(FakeAgent.Request request, OutputStream out) throws IOException {
    try {
      String key = request.headers().get("sec-websocket-key");
      byte[] digest =
          MessageDigest.getInstance("SHA-1")
              .digest(
                  (key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")
                      .getBytes(StandardCharsets.US_ASCII));
      out.write(
          FakeAgent.ascii(
              "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                  + "Sec-WebSocket-Protocol: "
                  + request.headers().get("sec-websocket-protocol")
                  + "\r\nSec-WebSocket-Accept: "
                  + Base64.getEncoder().encodeToString(digest)
                  + "\r\n\r\n"));
    } catch (GeneralSecurityException e) {
      throw new IOException(e);
    }
  }

  /** A server's frame. */
  public static byte[] frame(int head, byte[] payload) {
    var out = new ByteArrayOutputStream();
    out.write(head);
    if (payload.length < 126) {
      out.write(payload.length);
    } else if (payload.length < 65536) {
      out.write(126);
      out.write(payload.length >> 8);
      out.write(payload.length);
    } else {
      out.write(127);
      for (int shift = 56; shift >= 0; shift -= 8) {
        out.write((int) ((long) payload.length >> shift));
      }
    }
    out.writeBytes(payload);
    return out.toByteArray();
  }

  /** Reads a client's frame: its opcode as first byte, then its payload unmasked. */
  public static byte[] clientFrame(InputStream in) throws IOException {
    int head = in.read();
    if (head < 0) {
      throw new IOException("the client hung up without a close frame");
    }
    int length = in.read();
    assertThat(length & 0x80).as("a client masks").isNotZero();
    length &= 0x7f;
    if (length == 126) {
      length = in.read() << 8 | in.read();
    } else if (length == 127) {
      length = 0;
      for (int i = 0; i < 8; i++) {
        length = length << 8 | in.read();
      }
    }
    byte[] mask = in.readNBytes(4);
    byte[] payload = in.readNBytes(length);
    var out = new byte[length + 1];
    out[0] = (byte) head;
    for (int i = 0; i < length; i++) {
      out[i + 1] = (byte) (payload[i] ^ mask[i & 3]);
    }
    return out;
  }
}
