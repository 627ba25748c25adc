package dev.lodge.agent.cluster;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.lodge.agent.log.Log;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.function.Supplier;

/**
 * Serves {@code /livez}, {@code /readyz} and {@code /metrics}, one request a connection, on a unix
 * socket and on an address. That is all that a cluster's agent serves, so it needs no more than
 * this.
 */
final class HealthServer implements AutoCloseable {
  private static final int LONGEST_HEAD = 8 << 10;
  private static final int MOST_AT_ONCE = 16;
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private final Supplier<Optional<String>> missing;
  private final Supplier<String> metrics;
  private final Semaphore places = new Semaphore(MOST_AT_ONCE);
  private final List<ServerSocketChannel> listening = new ArrayList<>();

  /**
   * @param missing why the agent is not ready; empty: it is
   * @param metrics in Prometheus' text format
   */
  HealthServer(Supplier<Optional<String>> missing, Supplier<String> metrics) {
    this.missing = missing;
    this.metrics = metrics;
  }

  void listen(Path socket) throws IOException {
    Files.createDirectories(socket.toAbsolutePath().getParent());
    Files.deleteIfExists(socket);
    ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    server.bind(UnixDomainSocketAddress.of(socket));
    Files.setPosixFilePermissions(socket, PosixFilePermissions.fromString("rw-------"));
    accept(server, "unix");
  }

  /** The port, for one that was left to the system. */
  int listen(InetSocketAddress address) throws IOException {
    ServerSocketChannel server = ServerSocketChannel.open();
    try {
      server.bind(address);
    } catch (IOException e) {
      server.close();
      throw new IOException("--health " + address + ": " + e.getMessage(), e);
    }
    accept(server, "tcp");
    return ((InetSocketAddress) server.getLocalAddress()).getPort();
  }

  private void accept(ServerSocketChannel server, String name) {
    listening.add(server);
    var unused =
        Thread.ofPlatform()
            .daemon()
            .name("lodge-health-" + name)
            .start(
                () -> {
                  while (server.isOpen()) {
                    try {
                      SocketChannel client = server.accept();
                      if (places.tryAcquire()) {
                        Thread.ofVirtual().start(() -> serve(client));
                      } else {
                        client.close();
                      }
                    } catch (IOException e) {
                      if (server.isOpen()) {
                        Log.warn("health", "accept", "why", String.valueOf(e.getMessage()));
                      }
                    }
                  }
                });
  }

  private void serve(SocketChannel client) {
    Thread hurry =
        Thread.ofVirtual()
            .start(
                () -> {
                  try {
                    Thread.sleep(PATIENCE);
                    client.close();
                  } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                  } catch (IOException e) {
                    return; // it is closed
                  }
                });
    try (client) {
      String[] words = head(client).split(" ", 3);
      boolean get = words.length == 3 && (words[0].equals("GET") || words[0].equals("HEAD"));
      write(client, get ? answer(words[1]) : reply(405, "only GET"));
    } catch (IOException e) {
      return; // the client is gone, or too slow
    } finally {
      hurry.interrupt();
      places.release();
    }
  }

  private static String head(SocketChannel client) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(LONGEST_HEAD);
    while (buffer.hasRemaining() && client.read(buffer) >= 0) {
      String head = new String(buffer.array(), 0, buffer.position(), US_ASCII);
      if (head.contains("\r\n\r\n")) {
        return head;
      }
    }
    return "";
  }

  private byte[] answer(String path) {
    return switch (path) {
      case "/livez", "/healthz" -> reply(200, "ok");
      case "/readyz" ->
          missing.get().map(m -> reply(503, "not ready: " + m)).orElseGet(() -> reply(200, "ok"));
      case "/metrics" -> reply(200, metrics.get());
      default -> reply(404, "there are /livez, /readyz and /metrics");
    };
  }

  private static byte[] reply(int code, String text) {
    String phrase =
        switch (code) {
          case 200 -> "OK";
          case 404 -> "Not Found";
          case 405 -> "Method Not Allowed";
          default -> "Service Unavailable";
        };
    byte[] body = (text + "\n").getBytes(UTF_8);
    byte[] head =
        ("HTTP/1.1 "
                + code
                + " "
                + phrase
                + "\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\nContent-Length: "
                + body.length
                + "\r\nConnection: close\r\n\r\n")
            .getBytes(US_ASCII);
    byte[] all = new byte[head.length + body.length];
    System.arraycopy(head, 0, all, 0, head.length);
    System.arraycopy(body, 0, all, head.length, body.length);
    return all;
  }

  private static void write(SocketChannel client, byte[] bytes) throws IOException {
    ByteBuffer buffer = ByteBuffer.wrap(bytes);
    while (buffer.hasRemaining()) {
      client.write(buffer);
    }
  }

  @Override
  public void close() throws IOException {
    for (ServerSocketChannel server : listening) {
      server.close();
    }
  }
}
