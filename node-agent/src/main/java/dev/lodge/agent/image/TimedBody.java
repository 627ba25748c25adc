package dev.lodge.agent.image;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.http.HttpTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Flow;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A response body that is read with a limit on silence; the JDK's own timeout ends with the
 * headers.
 */
final class TimedBody implements Flow.Subscriber<List<ByteBuffer>>, AutoCloseable {
  private final LinkedBlockingQueue<Part> parts = new LinkedBlockingQueue<>();
  private final Duration idle;
  private Flow.@Nullable Subscription subscription;

  private sealed interface Part {
    record Data(List<ByteBuffer> buffers) implements Part {}

    record End() implements Part {}

    record Broken(Throwable cause) implements Part {}
  }

  TimedBody(Duration idle) {
    this.idle = idle;
  }

  /**
   * The next buffers, or null at the end.
   *
   * @throws HttpTimeoutException after a silence
   * @throws IOException the connection broke
   */
  @Nullable List<ByteBuffer> next() throws IOException {
    try {
      Part part = parts.poll(idle.toMillis(), TimeUnit.MILLISECONDS);
      if (part == null) {
        throw new HttpTimeoutException("no data for " + idle.toSeconds() + " s");
      }
      return switch (part) {
        case Part.Data d -> {
          request();
          yield d.buffers();
        }
        case Part.End _ -> null;
        case Part.Broken b -> throw new IOException(b.cause().getMessage(), b.cause());
      };
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("cancelled");
    }
  }

  private synchronized void request() {
    if (subscription != null) {
      subscription.request(1);
    }
  }

  @Override
  public synchronized void onSubscribe(Flow.Subscription s) {
    subscription = s;
    // Two: one is read from the net while the other is written.
    s.request(2);
  }

  @Override
  public void onNext(List<ByteBuffer> item) {
    parts.add(new Part.Data(item));
  }

  @Override
  public void onError(Throwable cause) {
    parts.add(new Part.Broken(cause));
  }

  @Override
  public void onComplete() {
    parts.add(new Part.End());
  }

  @Override
  public synchronized void close() {
    if (subscription != null) {
      subscription.cancel();
    }
  }
}
