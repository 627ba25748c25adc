package dev.lodge.agent.libvirt;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import dev.lodge.domain.hypervisor.ConsoleInput;
import dev.lodge.domain.hypervisor.HypervisorException;
import dev.lodge.domain.hypervisor.HypervisorFailure;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.libvirt.jna.SizeT;
import org.libvirt.jna.StreamPointer;

/**
 * The keyboard of a console over a non-blocking stream. What the guest says comes along and is
 * thrown away as it comes: it is read from the console's log. The callback is one for all sessions
 * and for ever, because libvirt may still call it while a session closes; it finds its session by a
 * number and does nothing for one that is gone.
 */
final class ConsoleSession implements ConsoleInput {
  private static final int NONBLOCK = 1;
  private static final int FORCE = 1;
  private static final int READABLE = 1;
  private static final int WRITABLE = 2;
  private static final int ERROR = 4;
  private static final int HANGUP = 8;
  private static final int WOULD_BLOCK = -2;
  private static final int CHUNK = 4096;

  private static final Map<Long, ConsoleSession> OPEN = new ConcurrentHashMap<>();
  private static final AtomicLong NUMBERS = new AtomicLong();
  private static final LibvirtNative.StreamCallback ON_EVENT = ConsoleSession::onEvent;

  private final NativeCalls calls;
  private final Duration patience;
  private final long number = NUMBERS.incrementAndGet();
  private final CompletableFuture<Void> ended = new CompletableFuture<>();
  private final Memory discarded = new Memory(CHUNK);
  private final Object writable = new Object();
  private final StreamPointer stream;
  private final NativeConnection connection;
  private final Runnable atEnd = this::end;
  private boolean mayWrite = true;
  private boolean closed;

  private ConsoleSession(
      NativeCalls calls, Duration patience, NativeConnection connection, StreamPointer stream) {
    this.calls = calls;
    this.connection = connection;
    this.patience = patience;
    this.stream = stream;
  }

  /**
   * Opens the console of that alias; who held it before is put out.
   *
   * @param patience how long {@link #send} waits for a guest that does not read
   */
  static ConsoleSession open(
      NativeCalls calls, Duration patience, NativeConnection c, NativeDomain domain, String alias)
      throws LibvirtError {
    StreamPointer stream =
        LibvirtError.check(LibvirtNative.VIRT.virStreamNew(c.handle(), NONBLOCK));
    ConsoleSession session = new ConsoleSession(calls, patience, c, stream);
    OPEN.put(session.number, session);
    try {
      LibvirtError.check(
          LibvirtNative.VIRT.virDomainOpenConsole(domain.handle(), alias, stream, FORCE));
      LibvirtError.check(
          LibvirtNative.VIRT.virStreamEventAddCallback(
              stream,
              READABLE | ERROR | HANGUP,
              ON_EVENT,
              Pointer.createConstant(session.number),
              null));
    } catch (LibvirtError e) {
      OPEN.remove(session.number);
      LibvirtNative.VIRT.virStreamFree(stream);
      throw e;
    }
    c.atEnd(session.atEnd);
    return session;
  }

  @Override
  public void send(byte[] bytes) {
    long deadline = System.nanoTime() + patience.toNanos();
    for (int sent = 0; sent < bytes.length; ) {
      int offset = sent;
      int n = calls.stream("send", c -> sendSome(bytes, offset));
      if (n == WOULD_BLOCK) {
        awaitWritable(deadline);
      } else {
        sent += n;
      }
    }
  }

  @Override
  public CompletionStage<Void> ended() {
    return ended.minimalCompletionStage();
  }

  @Override
  public void close() {
    boolean first = OPEN.remove(number) != null;
    end();
    if (!first) {
      return;
    }
    connection.notAtEnd(atEnd);
    try {
      calls.stream("closeConsole", c -> free());
    } catch (HypervisorException e) {
      // No connection any more: the stream is dead, and what is left of it is freed here.
      free();
    }
  }

  /** On the thread of a native call. */
  private int sendSome(byte[] bytes, int offset) throws LibvirtError {
    int size = Math.min(bytes.length - offset, CHUNK);
    try (Memory chunk = new Memory(size)) {
      chunk.write(0, bytes, offset, size);
      synchronized (this) {
        if (closed || ended.isDone()) {
          throw new HypervisorException(
              new HypervisorFailure.NotFound("the console session has ended"));
        }
        int n = LibvirtNative.VIRT.virStreamSend(stream, chunk, new SizeT(size));
        if (n == WOULD_BLOCK) {
          synchronized (writable) {
            mayWrite = false;
          }
          LibvirtNative.VIRT.virStreamEventUpdateCallback(
              stream, READABLE | WRITABLE | ERROR | HANGUP);
          return n;
        }
        return LibvirtError.check(n);
      }
    }
  }

  private void awaitWritable(long deadline) {
    synchronized (writable) {
      while (!mayWrite && !ended.isDone()) {
        long millis = (deadline - System.nanoTime()) / 1_000_000;
        if (millis <= 0) {
          throw new HypervisorException(
              new HypervisorFailure.Busy("the guest does not read what is typed"));
        }
        try {
          writable.wait(millis);
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          throw new HypervisorException(new HypervisorFailure.Busy("interrupted while typing"));
        }
      }
    }
  }

  private static void onEvent(Pointer stream, int events, Pointer opaque) {
    ConsoleSession session = OPEN.get(Pointer.nativeValue(opaque));
    if (session != null) {
      session.onEvent(events);
    }
  }

  /** On the event loop: nothing here waits for the daemon. */
  private void onEvent(int events) {
    boolean over = (events & (ERROR | HANGUP)) != 0;
    synchronized (this) {
      if (closed) {
        return;
      }
      if ((events & READABLE) != 0) {
        over |= drain();
      }
      if (over) {
        LibvirtNative.VIRT.virStreamEventRemoveCallback(stream);
      } else if ((events & WRITABLE) != 0) {
        // Kept, it would fire for ever.
        LibvirtNative.VIRT.virStreamEventUpdateCallback(stream, READABLE | ERROR | HANGUP);
      }
    }
    if (over) {
      end();
    } else if ((events & WRITABLE) != 0) {
      wake();
    }
  }

  /** Whether the stream is at its end. */
  private boolean drain() {
    int n;
    do {
      n = LibvirtNative.VIRT.virStreamRecv(stream, discarded, new SizeT(CHUNK));
    } while (n > 0);
    return n != WOULD_BLOCK;
  }

  private void end() {
    ended.complete(null);
    wake();
  }

  private void wake() {
    synchronized (writable) {
      mayWrite = true;
      writable.notifyAll();
    }
  }

  private int free() {
    synchronized (this) {
      if (closed) {
        return 0;
      }
      closed = true;
      LibvirtNative.VIRT.virStreamEventRemoveCallback(stream);
    }
    LibvirtNative.VIRT.virStreamAbort(stream);
    LibvirtNative.VIRT.virStreamFree(stream);
    return 0;
  }
}
