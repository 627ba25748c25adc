package dev.lodge.agent.libvirt;

import dev.lodge.domain.hypervisor.ConsoleInput;
import dev.lodge.domain.hypervisor.HypervisorException;
import dev.lodge.domain.hypervisor.HypervisorFailure;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The keyboard of a console: a connection to the unix socket at which QEMU listens. (libvirt's own
 * virDomainOpenConsole takes only ptys.) QEMU serves one connection at a time and lets the next one
 * wait, so a new session first ends the one before it.
 *
 * <p>What the guest says comes along and is thrown away as it comes: it is read from the console's
 * log. Not read, it would stop the guest.
 */
final class ConsoleSession implements ConsoleInput {
  private static final Map<String, ConsoleSession> HOLDERS = new ConcurrentHashMap<>();
  private static final int CHUNK = 4096;

  private final String socket;
  private final SocketChannel channel;
  private final Selector reader;
  private final Duration patience;
  private final CompletableFuture<Void> ended = new CompletableFuture<>();

  private ConsoleSession(String socket, Duration patience) throws IOException {
    this.socket = socket;
    this.patience = patience;
    this.channel = SocketChannel.open(UnixDomainSocketAddress.of(socket));
    this.channel.configureBlocking(false);
    this.reader = Selector.open();
    this.channel.register(reader, SelectionKey.OP_READ);
  }

  /**
   * Takes the keyboard.
   *
   * @param socket path at which QEMU listens
   * @param patience how long {@link #send} waits for a guest that does not read
   */
  static ConsoleSession open(String socket, Duration patience) {
    ConsoleSession session =
        HOLDERS.compute(
            socket,
            (path, before) -> {
              if (before != null) {
                before.end();
              }
              return connect(path, patience);
            });
    Thread.ofPlatform().daemon().name("lodge-console").start(session::discard);
    return session;
  }

  @Override
  public void send(byte[] bytes) {
    ByteBuffer rest = ByteBuffer.wrap(bytes);
    long deadline = System.nanoTime() + patience.toNanos();
    try {
      while (rest.hasRemaining()) {
        if (channel.write(rest) == 0) {
          awaitWritable(deadline);
        }
      }
    } catch (IOException e) {
      end();
      throw failure(new HypervisorFailure.NotFound("the console session has ended"));
    }
  }

  @Override
  public CompletionStage<Void> ended() {
    return ended.minimalCompletionStage();
  }

  @Override
  public void close() {
    HOLDERS.remove(socket, this);
    end();
  }

  private static ConsoleSession connect(String path, Duration patience) {
    if (Files.notExists(Path.of(path))) {
      throw failure(new HypervisorFailure.Unsupported("no console listens at " + path));
    }
    try {
      return new ConsoleSession(path, patience);
    } catch (IOException e) {
      throw failure(
          new HypervisorFailure.Failed(
              "the console %s cannot be opened: %s".formatted(path, e.getMessage())));
    }
  }

  /** Reads until QEMU or {@link #end} closes the connection. */
  private void discard() {
    ByteBuffer buffer = ByteBuffer.allocate(CHUNK);
    try (reader) {
      int n;
      do {
        reader.select();
        reader.selectedKeys().clear();
        buffer.clear();
        n = channel.read(buffer);
      } while (n >= 0);
    } catch (IOException e) {
      // The connection has ended, which is what this waits for.
    } finally {
      close();
    }
  }

  private void awaitWritable(long deadline) throws IOException {
    long millis = (deadline - System.nanoTime()) / 1_000_000;
    if (millis <= 0) {
      throw failure(new HypervisorFailure.Busy("the guest does not read what is typed"));
    }
    try (Selector selector = Selector.open()) {
      channel.register(selector, SelectionKey.OP_WRITE);
      selector.select(millis);
    }
  }

  private void end() {
    try {
      channel.close();
    } catch (IOException e) {
      // Nobody reads it any more either way.
    }
    // The descriptor is freed only when the selector has noticed.
    reader.wakeup();
    ended.complete(null);
  }

  private static HypervisorException failure(HypervisorFailure f) {
    return new HypervisorException(f);
  }
}
