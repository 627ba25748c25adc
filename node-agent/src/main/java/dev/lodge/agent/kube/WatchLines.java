package dev.lodge.agent.kube;

import io.fabric8.kubernetes.client.http.AsyncBody;
import io.fabric8.kubernetes.client.http.HttpClient;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.HttpResponse;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** One watch under way: a response that goes on, in lines. */
final class WatchLines {
  /** An object is 1.5 MB at most. */
  private static final int LONGEST_LINE = 8 << 20;

  private final CompletableFuture<Integer> code = new CompletableFuture<>();
  private final CompletableFuture<String> ended = new CompletableFuture<>();
  private final ByteArrayOutputStream line = new ByteArrayOutputStream();
  private volatile long heardNanos = System.nanoTime();
  private volatile @Nullable AsyncBody body;
  private volatile boolean cancelled;

  /** Takes the lines, one after another. */
  @FunctionalInterface
  interface Lines {
    void line(byte[] line) throws Exception;
  }

  private WatchLines() {}

  static WatchLines open(HttpClient http, HttpRequest request, Lines lines) {
    var watch = new WatchLines();
    var unused =
        http.consumeBytes(request, (buffers, body) -> watch.take(buffers, body, lines))
            .whenComplete(watch::begun);
    return watch;
  }

  private void begun(@Nullable HttpResponse<AsyncBody> response, @Nullable Throwable failure) {
    if (response == null) {
      ended.complete(failure == null ? "no answer" : KubeApi.why(failure));
      code.complete(0);
      return;
    }
    AsyncBody stream = response.body();
    body = stream;
    code.complete(response.code());
    var unused =
        stream.done().whenComplete((_, e) -> ended.complete(e == null ? "" : KubeApi.why(e)));
    if (cancelled) {
      stream.cancel();
    } else {
      stream.consume();
    }
  }

  private void take(List<ByteBuffer> buffers, AsyncBody stream, Lines lines) {
    heardNanos = System.nanoTime();
    if (cancelled) {
      return;
    }
    try {
      for (ByteBuffer buffer : buffers) {
        while (buffer.hasRemaining()) {
          byte b = buffer.get();
          if (b == '\n') {
            if (line.size() > 0) {
              byte[] whole = line.toByteArray();
              line.reset();
              lines.line(whole);
            }
          } else if (line.size() >= LONGEST_LINE) {
            throw new IllegalStateException("a line of the watch is longer than any object");
          } else {
            line.write(b);
          }
        }
      }
      stream.consume();
    } catch (Exception e) {
      ended.complete(KubeApi.why(e));
      stream.cancel();
    }
  }

  /**
   * Waits for the answer's head.
   *
   * @return HTTP's code; 0: none came in time, and {@link #awaitEnd} says why
   */
  int code(long millis) throws InterruptedException {
    try {
      return code.get(millis, TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      ended.complete("no answer within " + millis + " ms");
      cancel();
      return 0;
    } catch (ExecutionException e) {
      return 0;
    }
  }

  /**
   * Waits until the watch ends, by itself or because nothing is heard of it any more.
   *
   * @param idleMillis bookmarks come about once a minute, so silence means a dead connection
   * @return why; empty: the server ended it in order
   */
  String awaitEnd(long idleMillis) throws InterruptedException {
    while (true) {
      long silent = (System.nanoTime() - heardNanos) / 1_000_000;
      if (silent >= idleMillis) {
        cancel();
        return "nothing heard for " + idleMillis / 1000 + " s";
      }
      try {
        return ended.get(idleMillis - silent, TimeUnit.MILLISECONDS);
      } catch (TimeoutException e) {
        continue; // look how long it has been silent by now
      } catch (ExecutionException e) {
        return KubeApi.why(e);
      }
    }
  }

  void cancel() {
    cancelled = true;
    ended.complete("cancelled");
    AsyncBody stream = body;
    if (stream != null) {
      stream.cancel();
    }
  }
}
