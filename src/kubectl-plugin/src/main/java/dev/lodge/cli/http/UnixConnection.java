package dev.lodge.cli.http;

import java.io.Closeable;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.SocketTimeoutException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;

/**
 * A connected unix socket. One thread may read while another writes. A blocking channel knows no
 * timeout, hence the selectors: one for each direction, opened only when there is something to wait
 * for.
 */
final class UnixConnection implements Closeable {
  private final SocketChannel channel;
  private final ByteBuffer in = ByteBuffer.allocate(16 * 1024).flip();
  private final Selector readable;
  private volatile long idleMillis;

  private UnixConnection(SocketChannel channel, Duration idle) throws IOException {
    this.channel = channel;
    this.idleMillis = idle.toMillis();
    this.readable = Selector.open();
    channel.configureBlocking(false);
    channel.register(readable, SelectionKey.OP_READ);
  }

  /**
   * Connects.
   *
   * @param idle the longest wait for the next byte in either direction; zero: for ever
   */
  static UnixConnection open(Path socket, Duration idle) throws IOException {
    SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
    try {
      channel.connect(UnixDomainSocketAddress.of(socket));
      return new UnixConnection(channel, idle);
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  /** Changes the longest wait; zero: for ever. */
  void idle(Duration idle) {
    idleMillis = idle.toMillis();
  }

  /** The next byte, or -1 at the end. */
  int read() throws IOException {
    return in.hasRemaining() || fill() ? in.get() & 0xff : -1;
  }

  /** At least one byte, or -1 at the end. */
  int read(byte[] target, int offset, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    if (!in.hasRemaining() && !fill()) {
      return -1;
    }
    int n = Math.min(length, in.remaining());
    in.get(target, offset, n);
    return n;
  }

  private boolean fill() throws IOException {
    in.clear();
    try {
      while (true) {
        int n = channel.read(in);
        if (n != 0) {
          return n > 0;
        }
        await(readable);
      }
    } finally {
      in.flip();
    }
  }

  /** Writes all of it. */
  synchronized void write(ByteBuffer data) throws IOException {
    channel.write(data);
    if (!data.hasRemaining()) {
      return;
    }
    try (Selector writable = Selector.open()) {
      channel.register(writable, SelectionKey.OP_WRITE);
      while (data.hasRemaining()) {
        await(writable);
        channel.write(data);
      }
    }
  }

  private void await(Selector selector) throws IOException {
    long deadline = System.nanoTime() + idleMillis * 1_000_000;
    while (true) {
      long left = idleMillis == 0 ? 0 : Math.max(1, (deadline - System.nanoTime()) / 1_000_000);
      int ready = select(selector, left);
      if (ready > 0) {
        return;
      }
      if (Thread.interrupted()) {
        throw new InterruptedIOException();
      }
      if (idleMillis != 0 && System.nanoTime() >= deadline) {
        throw new SocketTimeoutException("no answer within " + idleMillis / 1000 + " s");
      }
    }
  }

  private int select(Selector selector, long millis) throws IOException {
    try {
      int ready = selector.select(millis);
      selector.selectedKeys().clear();
      if (channel.isOpen()) {
        return ready;
      }
    } catch (ClosedSelectorException e) {
      // Closed from another thread: the same as a closed channel.
    }
    throw new ClosedChannelException();
  }

  /** A read or write that waits in another thread ends with an exception. */
  @Override
  public void close() throws IOException {
    channel.close();
    readable.wakeup();
    readable.close();
  }
}
