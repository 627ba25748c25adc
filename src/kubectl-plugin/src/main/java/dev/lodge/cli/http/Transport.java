package dev.lodge.cli.http;

import dev.lodge.cli.ExitCode;
import dev.lodge.cli.Failure;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/**
 * Where the API is: a unix socket and what stands before every path. Alone that is the agent's
 * socket; {@code kubectl proxy --unix-socket} speaks the same. One connection per request: on a
 * unix socket it costs some microseconds.
 *
 * @param basePath empty, or a prefix without a slash at its end
 */
public record Transport(Path socket, String basePath) {
  /** The longest wait for an ordinary answer. */
  public static final Duration ANSWER = Duration.ofSeconds(30);

  /** Waits for ever: for streams that are quiet by nature. */
  public static final Duration ENDLESS = Duration.ZERO;

  /** A request; the body is JSON if there is one. */
  public record Request(
      String method, String path, String accept, byte @Nullable [] body, Duration idle) {}

  /**
   * Sends a request and reads the head of its answer.
   *
   * @throws Failure UNREACHABLE if no agent answers
   */
  public HttpAnswer send(Request request) throws IOException {
    UnixConnection connection = connect(ANSWER);
    try {
      var head = head(request.method(), request.path());
      head.append("Accept: ").append(request.accept()).append("\r\n");
      head.append("Connection: close\r\n");
      byte[] body = request.body();
      if (body != null) {
        head.append("Content-Type: application/json\r\n");
        head.append("Content-Length: ").append(body.length).append("\r\n");
      } else if (!request.method().equals("GET")) {
        head.append("Content-Length: 0\r\n");
      }
      byte[] bytes = head.append("\r\n").toString().getBytes(StandardCharsets.ISO_8859_1);
      ByteBuffer all = ByteBuffer.allocate(bytes.length + (body == null ? 0 : body.length));
      all.put(bytes);
      if (body != null) {
        all.put(body);
      }
      connection.write(all.flip());
      HttpHead answer = HttpHead.read(connection);
      connection.idle(request.idle());
      return new HttpAnswer(answer, Body.of(answer, connection));
    } catch (IOException | RuntimeException e) {
      connection.close();
      throw e;
    }
  }

  /** The outcome of asking for a WebSocket: open, or an ordinary answer that says why not. */
  public sealed interface Upgrade {
    /** The stream is open. */
    record Open(WebSocket socket) implements Upgrade {}

    /** Refused; the answer has the reason. */
    record Refused(HttpAnswer answer) implements Upgrade {}
  }

  /** Opens a WebSocket with a subprotocol that the other side must choose. */
  public Upgrade webSocket(String path, String subprotocol) throws IOException {
    UnixConnection connection = connect(ANSWER);
    try {
      var nonce = new byte[16];
      new SecureRandom().nextBytes(nonce);
      String key = Base64.getEncoder().encodeToString(nonce);
      var head = head("GET", path);
      head.append("Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n");
      head.append("Sec-WebSocket-Key: ").append(key).append("\r\n");
      head.append("Sec-WebSocket-Protocol: ").append(subprotocol).append("\r\n\r\n");
      connection.write(ByteBuffer.wrap(head.toString().getBytes(StandardCharsets.ISO_8859_1)));
      HttpHead answer = HttpHead.read(connection);
      if (answer.status() != 101) {
        return new Upgrade.Refused(new HttpAnswer(answer, Body.of(answer, connection)));
      }
      if (!accept(key).equals(answer.header("sec-websocket-accept"))
          || !subprotocol.equals(answer.header("sec-websocket-protocol"))) {
        throw new IOException("the agent speaks another protocol than " + subprotocol);
      }
      connection.idle(ENDLESS);
      return new Upgrade.Open(new WebSocket(connection));
    } catch (IOException | RuntimeException e) {
      connection.close();
      throw e;
    }
  }

  private StringBuilder head(String method, String path) {
    return new StringBuilder(256)
        .append(method)
        .append(' ')
        .append(basePath)
        .append(path)
        .append(" HTTP/1.1\r\nHost: localhost\r\nUser-Agent: lodge\r\n");
  }

  private static String accept(String key) {
    try {
      byte[] input =
          (key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").getBytes(StandardCharsets.US_ASCII);
      return Base64.getEncoder().encodeToString(MessageDigest.getInstance("SHA-1").digest(input));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-1", e);
    }
  }

  private UnixConnection connect(Duration idle) {
    try {
      return UnixConnection.open(socket, idle);
    } catch (IOException e) {
      throw new Failure(ExitCode.UNREACHABLE, unreachable(String.valueOf(e.getMessage())));
    }
  }

  private String unreachable(String cause) {
    if (cause.contains("Permission denied")) {
      return "the agent's socket " + socket + " may not be opened by you: run this as root (sudo)";
    }
    return "no agent listens on "
        + socket
        + " ("
        + cause
        + ").\nStart one with:  lodge agent --manifests DIR --state DIR --socket "
        + socket
        + "\nIf it listens elsewhere, say where with --socket FILE or LODGE_SOCKET=FILE.";
  }
}
