package dev.lodge.agent.image;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** A web server on loopback that serves one file at /image and can misbehave. */
final class WebServer implements AutoCloseable {
  private final HttpServer server;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  final List<String> ranges = Collections.synchronizedList(new ArrayList<>());
  volatile byte[] content;
  volatile String etag = "\"v1\"";

  /** Breaks the connection after so many bytes of an answer. */
  volatile long breakAfter = Long.MAX_VALUE;

  /** Falls silent after so many bytes of an answer, until the server closes. */
  volatile long stallAfter = Long.MAX_VALUE;

  WebServer(byte[] content) throws IOException {
    this.content = content;
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(threads);
    server.createContext("/image", this::serve);
    server.start();
  }

  String url(String path) {
    return "http://127.0.0.1:" + server.getAddress().getPort() + path;
  }

  void answer(String path, int status, String location) {
    server.createContext(
        path,
        exchange -> {
          if (!location.isEmpty()) {
            exchange.getResponseHeaders().set("Location", location);
          }
          exchange.sendResponseHeaders(status, -1);
          exchange.close();
        });
  }

  private void serve(HttpExchange exchange) throws IOException {
    String range = exchange.getRequestHeaders().getFirst("Range");
    String condition = exchange.getRequestHeaders().getFirst("If-Range");
    ranges.add(range == null ? "all" : range);
    exchange.getResponseHeaders().set("ETag", etag);
    int from = 0;
    if (range != null && (condition == null || condition.equals(etag))) {
      from = Integer.parseInt(range.replaceAll("\\D", ""));
      if (from >= content.length) {
        exchange.getResponseHeaders().set("Content-Range", "bytes */" + content.length);
        exchange.sendResponseHeaders(416, -1);
        exchange.close();
        return;
      }
      exchange
          .getResponseHeaders()
          .set(
              "Content-Range", "bytes " + from + "-" + (content.length - 1) + "/" + content.length);
    }
    exchange.sendResponseHeaders(from == 0 ? 200 : 206, content.length - from);
    try (OutputStream out = exchange.getResponseBody()) {
      send(exchange, out, from);
    }
  }

  private void send(HttpExchange exchange, OutputStream out, int from) throws IOException {
    int sent = 0;
    while (from + sent < content.length) {
      if (sent >= breakAfter) {
        out.flush();
        throw new IOException("broken on purpose");
      }
      if (sent >= stallAfter) {
        out.flush();
        try {
          Thread.sleep(60_000);
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          exchange.close();
          return;
        }
      }
      int n = Math.min(16 * 1024, content.length - from - sent);
      out.write(content, from + sent, n);
      sent += n;
    }
  }

  @Override
  public void close() {
    threads.shutdownNow();
    server.stop(0);
  }
}
