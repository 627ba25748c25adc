package dev.lodge.agent.console;

import io.vertx.core.Context;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.streams.ReadStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A console's log as a stream: first what is there, then what comes, until {@link #finish}. Reads
 * on a worker, and only as far as it is asked to. Lives on the event loop that made it.
 */
public final class ConsoleStream implements ReadStream<Buffer> {
  private static final int CHUNK = 32 << 10;

  private final Vertx vertx;
  private final Context context;
  private final WorkerExecutor files;
  private final ConsoleLog log;
  private final Duration poll;

  private @Nullable Handler<Buffer> handler;
  private @Nullable Handler<Void> endHandler;
  private @Nullable Handler<Throwable> exceptionHandler;
  private long demand = Long.MAX_VALUE;
  private boolean reading;
  private boolean finishing;
  private boolean ended;
  private boolean closed;
  private long pollTimer = -1;

  /**
   * @param files a worker for reading
   * @param poll how often to look for more at the end
   */
  public ConsoleStream(Vertx vertx, WorkerExecutor files, ConsoleLog log, Duration poll) {
    this.vertx = vertx;
    this.context = vertx.getOrCreateContext();
    this.files = files;
    this.log = log;
    this.poll = poll;
  }

  /** Ends once all that is there was read. */
  public void finish() {
    context.runOnContext(
        v -> {
          finishing = true;
          wake();
        });
  }

  /** Stops reading and lets go of the file; nothing is delivered any more. */
  public void close() {
    context.runOnContext(
        v -> {
          ended = true;
          cancelPoll();
          release();
        });
  }

  @Override
  public ConsoleStream handler(@Nullable Handler<Buffer> h) {
    handler = h;
    if (h != null) {
      context.runOnContext(v -> pump());
    }
    return this;
  }

  @Override
  public ConsoleStream endHandler(@Nullable Handler<Void> h) {
    endHandler = h;
    return this;
  }

  @Override
  public ConsoleStream exceptionHandler(@Nullable Handler<Throwable> h) {
    exceptionHandler = h;
    return this;
  }

  @Override
  public ConsoleStream pause() {
    demand = 0;
    return this;
  }

  @Override
  public ConsoleStream resume() {
    return fetch(Long.MAX_VALUE);
  }

  @Override
  public ConsoleStream fetch(long amount) {
    demand = demand + amount < 0 ? Long.MAX_VALUE : demand + amount;
    context.runOnContext(v -> pump());
    return this;
  }

  private void wake() {
    cancelPoll();
    pump();
  }

  private void cancelPoll() {
    if (pollTimer >= 0) {
      vertx.cancelTimer(pollTimer);
      pollTimer = -1;
    }
  }

  private void pump() {
    if (reading || ended || demand == 0 || handler == null || pollTimer >= 0) {
      return;
    }
    boolean last = finishing;
    reading = true;
    files
        .executeBlocking(this::readChunk, false)
        .onSuccess(bytes -> context.runOnContext(v -> deliver(bytes, last)))
        .onFailure(e -> context.runOnContext(v -> fail(e)));
  }

  private Buffer readChunk() throws IOException {
    ByteBuffer into = ByteBuffer.allocate(CHUNK);
    int n = log.read(into);
    return Buffer.buffer(n == 0 ? new byte[0] : java.util.Arrays.copyOf(into.array(), n));
  }

  private void deliver(Buffer bytes, boolean last) {
    reading = false;
    if (ended) {
      release();
      return;
    }
    Handler<Buffer> to = handler;
    if (bytes.length() > 0 && to != null) {
      if (demand != Long.MAX_VALUE && demand > 0) {
        demand--;
      }
      to.handle(bytes);
      pump();
    } else if (last) {
      ended = true;
      release();
      if (endHandler != null) {
        endHandler.handle(null);
      }
    } else {
      pollTimer =
          vertx.setTimer(
              poll.toMillis(),
              t -> {
                pollTimer = -1;
                pump();
              });
    }
  }

  private void fail(Throwable e) {
    reading = false;
    boolean told = ended;
    ended = true;
    release();
    if (!told && exceptionHandler != null) {
      exceptionHandler.handle(e);
    }
  }

  /** Closes the file on the worker, unless a read is under way: then that does it. */
  private void release() {
    if (closed || reading) {
      return;
    }
    closed = true;
    files
        .executeBlocking(
            () -> {
              log.close();
              return true;
            },
            false)
        .onFailure(e -> {});
  }
}
