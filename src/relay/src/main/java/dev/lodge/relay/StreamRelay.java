package dev.lodge.relay;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.ServerWebSocket;
import io.vertx.core.http.WebSocketFrame;
import io.vertx.core.streams.ReadStream;
import java.time.Duration;

/**
 * Pumps bytes between a source and sink of the host and a WebSocket, both ways, each as fast as its
 * slower end: the source pauses while the client does not read, the socket pauses while the sink
 * does not take. Nothing blocks; everything runs on the event loop that began it.
 */
public final class StreamRelay {
  /** WebSocket's own codes for the end of a connection. */
  public static final short NORMAL = 1000;

  public static final short GOING_AWAY = 1001;
  public static final short UNSUPPORTED = 1003;
  public static final short POLICY = 1008;
  public static final short FAILED = 1011;

  /** A close frame has 125 bytes, two of them the code. */
  private static final int MAX_REASON = 120;

  private final Vertx vertx;
  private final ReadStream<Buffer> source;
  private final ByteSink sink;
  private final ServerWebSocket socket;
  private final Bounds bounds;
  private final Promise<Void> closed = Promise.promise();

  private int waiting;
  private boolean inputPaused;
  private boolean ended;
  private long lastHeard = System.nanoTime();
  private long pingTimer = -1;
  private long stallTimer = -1;

  /**
   * @param frame largest frame that is sent, in bytes
   * @param waiting bytes of the client that may wait for the sink
   * @param ping how often an idle client is asked whether it is there
   * @param silence how long a client may leave that unanswered
   * @param stalled how long a client may leave output unread
   */
  public record Bounds(int frame, int waiting, Duration ping, Duration silence, Duration stalled) {
    public static final Bounds DEFAULT =
        new Bounds(
            32 << 10,
            64 << 10,
            Duration.ofSeconds(20),
            Duration.ofSeconds(60),
            Duration.ofSeconds(60));
  }

  private StreamRelay(
      Vertx vertx,
      ReadStream<Buffer> source,
      ByteSink sink,
      ServerWebSocket socket,
      Bounds bounds) {
    this.vertx = vertx;
    this.source = source;
    this.sink = sink;
    this.socket = socket;
    this.bounds = bounds;
  }

  /**
   * Begins to pump. The source is read from now on; when it ends the socket is closed in order.
   *
   * @param source must not have begun; it is paused when the relay ends
   */
  public static StreamRelay start(
      Vertx vertx,
      ReadStream<Buffer> source,
      ByteSink sink,
      ServerWebSocket socket,
      Bounds bounds) {
    StreamRelay relay = new StreamRelay(vertx, source, sink, socket, bounds);
    relay.begin();
    return relay;
  }

  /** Completes when the socket is closed, whoever closed it. */
  public Future<Void> closed() {
    return closed.future();
  }

  /** Closes the socket with a code and a reason for people; nothing if it is closed already. */
  public void close(short code, String reason) {
    if (!gone()) {
      end();
      socket.close(code, clip(reason)).onComplete(v -> closed.tryComplete());
    }
  }

  private void begin() {
    socket.closeHandler(
        v -> {
          end();
          closed.tryComplete();
        });
    socket.exceptionHandler(e -> close(FAILED, "the connection broke"));
    socket.pongHandler(b -> lastHeard = System.nanoTime());
    socket.frameHandler(this::fromClient);
    pingTimer = vertx.setPeriodic(bounds.ping().toMillis(), t -> ping());
    source.exceptionHandler(e -> close(FAILED, "the output cannot be read"));
    source.endHandler(v -> close(NORMAL, "the output ended"));
    source.handler(this::fromSource);
  }

  private void fromSource(Buffer bytes) {
    for (int at = 0; at < bytes.length() && !gone(); at += bounds.frame()) {
      Buffer part = bytes.slice(at, Math.min(bytes.length(), at + bounds.frame()));
      socket.writeFrame(WebSocketFrame.binaryFrame(part, true)).onFailure(e -> end());
    }
    if (!gone() && socket.writeQueueFull()) {
      source.pause();
      stallTimer =
          vertx.setTimer(
              bounds.stalled().toMillis(), t -> close(POLICY, "the client does not read"));
      socket.drainHandler(
          v -> {
            cancel(stallTimer);
            stallTimer = -1;
            if (!ended) {
              source.resume();
            }
          });
    }
  }

  /** The socket may be closed a moment before its handler is told. */
  private boolean gone() {
    return ended || socket.isClosed();
  }

  private void fromClient(WebSocketFrame frame) {
    lastHeard = System.nanoTime();
    if (gone() || frame.isClose() || frame.isPing()) {
      return;
    }
    if (frame.isText()) {
      close(UNSUPPORTED, "frames are binary here");
      return;
    }
    Buffer bytes = frame.binaryData();
    if (bytes.length() == 0) {
      return;
    }
    waiting += bytes.length();
    if (waiting > bounds.waiting() && !inputPaused) {
      inputPaused = true;
      socket.pause();
    }
    sink.write(bytes)
        .onSuccess(
            v -> {
              waiting -= bytes.length();
              if (inputPaused && waiting <= bounds.waiting() / 2) {
                inputPaused = false;
                lastHeard = System.nanoTime();
                socket.resume();
              }
            })
        .onFailure(e -> close(FAILED, "the input was not taken: " + e.getMessage()));
  }

  private void ping() {
    if (gone()) {
      return;
    }
    // A paused socket does not read pongs either: its silence says nothing.
    if (!inputPaused && System.nanoTime() - lastHeard > bounds.silence().toNanos()) {
      close(GOING_AWAY, "the client does not answer");
      return;
    }
    socket.writePing(Buffer.buffer()).onFailure(e -> end());
  }

  private void end() {
    if (ended) {
      return;
    }
    ended = true;
    cancel(pingTimer);
    cancel(stallTimer);
    source.pause();
    if (inputPaused && !socket.isClosed()) {
      // The close frame of the client is behind what is paused.
      socket.resume();
    }
    sink.close();
  }

  private void cancel(long timer) {
    if (timer >= 0) {
      vertx.cancelTimer(timer);
    }
  }

  private static String clip(String reason) {
    String plain = reason.replaceAll("[^\\x20-\\x7e]", "?");
    return plain.length() <= MAX_REASON ? plain : plain.substring(0, MAX_REASON);
  }
}
