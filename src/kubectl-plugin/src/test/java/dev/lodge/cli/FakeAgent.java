package dev.lodge.cli;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** A server on a unix socket that answers as a test tells it, byte by byte if need be. */
public final class FakeAgent implements AutoCloseable {
  private final Path socket;
  private final ServerSocketChannel server;
  private final Map<String, Handler> handlers = new ConcurrentHashMap<>();
  private final List<Request> requests = new CopyOnWriteArrayList<>();

  /** What came. */
  public record Request(String method, String path, Map<String, String> headers, String body) {
    @Override
    public String toString() {
      return method + " " + path;
    }
  }

  /** Answers a request; the connection is closed when it returns. */
  @FunctionalInterface
  public interface Handler {
    void answer(Request request, InputStream in, OutputStream out) throws IOException;
  }

  public FakeAgent(Path directory) throws IOException {
    socket = directory.resolve("agent.sock");
    server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    server.bind(UnixDomainSocketAddress.of(socket));
    Thread.ofPlatform().daemon().name("fake-agent").start(this::accept);
  }

  public Path socket() {
    return socket;
  }

  /** The requests that came, in their order. */
  public List<Request> requests() {
    return requests;
  }

  /** Answers a method and path (without the query, or with it) by hand. */
  public FakeAgent on(String methodAndPath, Handler handler) {
    handlers.put(methodAndPath, handler);
    return this;
  }

  /** Answers with JSON of a known length. */
  public FakeAgent json(String methodAndPath, int status, String body) {
    return on(methodAndPath, (request, in, out) -> out.write(response(status, body)));
  }

  /** Answers with JSON in chunks of a few bytes each. */
  public FakeAgent chunked(String methodAndPath, String body) {
    return on(
        methodAndPath,
        (request, in, out) -> {
          out.write(ascii("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"));
          byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
          for (int at = 0; at < bytes.length; at += 7) {
            int n = Math.min(7, bytes.length - at);
            out.write(ascii(Integer.toHexString(n) + ";x=y\r\n"));
            out.write(bytes, at, n);
            out.write(ascii("\r\n"));
            out.flush();
          }
          out.write(ascii("0\r\nTrailer: z\r\n\r\n"));
        });
  }

  /** A whole response with a JSON body. */
  public static byte[] response(int status, String body) {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    var out = new ByteArrayOutputStream();
    out.writeBytes(
        ascii(
            "HTTP/1.1 "
                + status
                + " X\r\nContent-Type: application/json\r\nContent-Length: "
                + bytes.length
                + "\r\n\r\n"));
    out.writeBytes(bytes);
    return out.toByteArray();
  }

  /** A Kubernetes Status of a failure. */
  public static String failure(int code, String reason, String message) {
    return "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"status\":\"Failure\",\"message\":\""
        + message
        + "\",\"reason\":\""
        + reason
        + "\",\"code\":"
        + code
        + "}";
  }

  public static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  private void accept() {
    while (server.isOpen()) {
      try {
        SocketChannel channel = server.accept();
        Thread.ofPlatform().daemon().start(() -> serve(channel));
      } catch (IOException e) {
        return;
      }
    }
  }

  private void serve(SocketChannel channel) {
    try (channel) {
      InputStream in = Channels.newInputStream(channel);
      OutputStream out = Channels.newOutputStream(channel);
      String[] start = line(in).split(" ");
      Map<String, String> headers = new LinkedHashMap<>();
      for (String line = line(in); !line.isEmpty(); line = line(in)) {
        int colon = line.indexOf(':');
        headers.put(
            line.substring(0, colon).toLowerCase(Locale.ROOT), line.substring(colon + 1).strip());
      }
      int length = Integer.parseInt(headers.getOrDefault("content-length", "0"));
      String body = new String(in.readNBytes(length), StandardCharsets.UTF_8);
      var request = new Request(start[0], start[1], headers, body);
      requests.add(request);
      Handler handler = handlers.get(request.toString());
      if (handler == null) {
        handler = handlers.get(request.toString().replaceFirst("\\?.*", ""));
      }
      if (handler == null) {
        out.write(response(404, failure(404, "NotFound", "nothing at " + request)));
      } else {
        handler.answer(request, in, out);
      }
      out.flush();
    } catch (IOException e) {
      // The client has gone, as some tests want it.
    }
  }

  private static String line(InputStream in) throws IOException {
    var out = new StringBuilder();
    for (int b = in.read(); b >= 0 && b != '\n'; b = in.read()) {
      if (b != '\r') {
        out.append((char) b);
      }
    }
    return out.toString();
  }

  @Override
  public void close() throws IOException {
    server.close();
    Files.deleteIfExists(socket);
  }
}
