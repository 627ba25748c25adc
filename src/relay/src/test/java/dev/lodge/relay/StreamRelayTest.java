package dev.lodge.relay;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.WebSocket;
import io.vertx.core.http.WebSocketConnectOptions;
import io.vertx.core.streams.ReadStream;
import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class StreamRelayTest {
  private static final StreamRelay.Bounds QUICK =
      new StreamRelay.Bounds(
          1000, 4000, Duration.ofMillis(50), Duration.ofMillis(400), Duration.ofSeconds(30));

  private final Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));
  private final Source source = new Source();
  private final Sink sink = new Sink();
  private final BlockingQueue<StreamRelay> relays = new LinkedBlockingQueue<>();
  private StreamRelay.Bounds bounds = StreamRelay.Bounds.DEFAULT;
  private int port;

  /** A source that can be told what to say, and says it only while it is not paused. */
  private final class Source implements ReadStream<Buffer> {
    final AtomicLong delivered = new AtomicLong();
    volatile long endless;
    volatile boolean paused;
    private final Deque<Buffer> queue = new ArrayDeque<>();
    private @Nullable Handler<Buffer> handler;
    private @Nullable Handler<Void> end;

    void say(Buffer bytes) {
      vertx.runOnContext(
          v -> {
            queue.add(bytes);
            pump();
          });
    }

    void finish() {
      vertx.runOnContext(
          v -> {
            if (end != null) {
              end.handle(null);
            }
          });
    }

    private void pump() {
      Handler<Buffer> to = handler;
      if (paused || to == null) {
        return;
      }
      Buffer next = queue.poll();
      if (next == null && delivered.get() < endless) {
        next = Buffer.buffer(new byte[10_000]);
      }
      if (next != null) {
        delivered.addAndGet(next.length());
        to.handle(next);
        vertx.runOnContext(v -> pump());
      }
    }

    @Override
    public ReadStream<Buffer> handler(@Nullable Handler<Buffer> h) {
      handler = h;
      vertx.runOnContext(v -> pump());
      return this;
    }

    @Override
    public ReadStream<Buffer> endHandler(@Nullable Handler<Void> h) {
      end = h;
      return this;
    }

    @Override
    public ReadStream<Buffer> exceptionHandler(@Nullable Handler<Throwable> h) {
      return this;
    }

    @Override
    public ReadStream<Buffer> pause() {
      paused = true;
      return this;
    }

    @Override
    public ReadStream<Buffer> resume() {
      return fetch(Long.MAX_VALUE);
    }

    @Override
    public ReadStream<Buffer> fetch(long amount) {
      paused = false;
      vertx.runOnContext(v -> pump());
      return this;
    }
  }

  /** A sink that takes what it gets at once, or only when told. */
  private static final class Sink implements ByteSink {
    final ByteArrayOutputStream taken = new ByteArrayOutputStream();
    final Deque<Promise<Void>> held = new ArrayDeque<>();
    volatile boolean hold;
    volatile boolean closed;
    final AtomicLong received = new AtomicLong();

    @Override
    public Future<Void> write(Buffer bytes) {
      taken.writeBytes(bytes.getBytes());
      received.addAndGet(bytes.length());
      if (!hold) {
        return Future.succeededFuture();
      }
      Promise<Void> promise = Promise.promise();
      held.add(promise);
      return promise.future();
    }

    @Override
    public void close() {
      closed = true;
    }
  }

  @BeforeEach
  void serve() throws Exception {
    HttpServer server =
        vertx
            .createHttpServer()
            .webSocketHandler(s -> relays.add(StreamRelay.start(vertx, source, sink, s, bounds)));
    port = get(server.listen(0, "127.0.0.1")).actualPort();
  }

  @AfterEach
  void stop() throws Exception {
    get(vertx.close());
  }

  private static <T> T get(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
  }

  private WebSocket connect() throws Exception {
    return get(
        vertx
            .createWebSocketClient()
            .connect(new WebSocketConnectOptions().setHost("127.0.0.1").setPort(port).setURI("/")));
  }

  private static void eventually(BooleanSupplier condition) throws InterruptedException {
    long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as("waited long enough").isLessThan(deadline);
      Thread.sleep(5);
    }
  }

  @Test
  void bytesGoBothWaysInOrderAndInFramesOfTheirBound() throws Exception {
    bounds = QUICK;
    Buffer heard = Buffer.buffer();
    AtomicLong largest = new AtomicLong();
    AtomicLong length = new AtomicLong();
    WebSocket client = connect();
    client.frameHandler(
        f -> {
          largest.accumulateAndGet(f.binaryData().length(), Math::max);
          heard.appendBuffer(f.binaryData());
          length.set(heard.length());
        });
    byte[] text = new byte[2500];
    for (int i = 0; i < text.length; i++) {
      text[i] = (byte) i;
    }

    source.say(Buffer.buffer(text));
    get(client.writeBinaryMessage(Buffer.buffer("abc")));
    get(client.writeBinaryMessage(Buffer.buffer("def")));

    eventually(() -> length.get() == 2500 && sink.received.get() == 6);
    assertThat(heard.getBytes()).isEqualTo(text);
    assertThat(largest.get()).isEqualTo(1000);
    assertThat(sink.taken.toString(java.nio.charset.StandardCharsets.US_ASCII)).isEqualTo("abcdef");
  }

  @Test
  void aClientThatDoesNotReadPausesTheSource() throws Exception {
    source.endless = 100_000_000;
    WebSocket client = connect();
    client.pause();

    eventually(() -> source.paused);
    assertThat(source.delivered.get()).isLessThan(30_000_000);
    long before = source.delivered.get();

    AtomicLong heard = new AtomicLong();
    client.handler(b -> heard.addAndGet(b.length()));
    client.resume();

    eventually(() -> heard.get() > before);
    eventually(() -> source.delivered.get() > before);
  }

  @Test
  void aClientThatNeverReadsIsCutOff() throws Exception {
    bounds =
        new StreamRelay.Bounds(
            32_000, 4000, Duration.ofSeconds(20), Duration.ofSeconds(60), Duration.ofMillis(300));
    source.endless = 1_000_000_000;
    WebSocket client = connect();
    client.pause();

    StreamRelay relay = relays.take();
    eventually(() -> sink.closed);
    client.resume();
    get(relay.closed());
    assertThat(source.paused).isTrue();
  }

  @Test
  void aSinkThatDoesNotTakePausesTheClient() throws Exception {
    bounds = QUICK;
    sink.hold = true;
    WebSocket client = connect();
    // Far more than the sockets between hold.
    AtomicLong sent = new AtomicLong();
    sendWhileItGoes(client, sent, 64_000_000);

    eventually(() -> sink.received.get() > QUICK.waiting());
    eventually(client::writeQueueFull);
    long received = sink.received.get();
    assertThat(received).isLessThan(200_000);
    // A paused client is not taken for dead, however long it takes.
    Thread.sleep(3 * QUICK.silence().toMillis());
    assertThat(sink.closed).isFalse();
    assertThat(sink.received.get()).isEqualTo(received);

    sink.hold = false;
    vertx.runOnContext(v -> sink.held.forEach(Promise::complete));

    eventually(() -> sink.received.get() > received);
  }

  private static void sendWhileItGoes(WebSocket client, AtomicLong sent, long total) {
    while (!client.isClosed() && sent.get() < total && !client.writeQueueFull()) {
      client.writeBinaryMessage(Buffer.buffer(new byte[2000]));
      sent.addAndGet(2000);
    }
    if (!client.isClosed() && sent.get() < total) {
      client.drainHandler(v -> sendWhileItGoes(client, sent, total));
    }
  }

  @Test
  void anIdleClientThatAnswersPingsStays() throws Exception {
    bounds = QUICK;
    WebSocket client = connect();

    // Idle for far longer than the silence that is borne: only pongs keep it.
    Thread.sleep(4 * QUICK.silence().toMillis());

    assertThat(client.isClosed()).isFalse();
    assertThat(sink.closed).isFalse();
  }

  @Test
  void aClientThatDoesNotAnswerIsCutOff() throws Exception {
    bounds = QUICK;
    try (java.net.Socket silent = new java.net.Socket("127.0.0.1", port)) {
      silent
          .getOutputStream()
          .write(
              ("GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                      + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n")
                  .getBytes(java.nio.charset.StandardCharsets.US_ASCII));

      eventually(() -> sink.closed);
    }
  }

  @Test
  void theEndOfTheSourceClosesInOrder() throws Exception {
    WebSocket client = connect();
    AtomicLong heard = new AtomicLong();
    client.handler(b -> heard.addAndGet(b.length()));
    Promise<Void> closed = Promise.promise();
    client.closeHandler(v -> closed.complete());
    relays.take();

    source.say(Buffer.buffer("last words"));
    source.finish();

    get(closed.future());
    assertThat(heard.get()).isEqualTo(10);
    assertThat(client.closeStatusCode()).isEqualTo(StreamRelay.NORMAL);
    assertThat(sink.closed).isTrue();
  }

  @Test
  void aReasonIsClippedToWhatACloseFrameHolds() throws Exception {
    WebSocket client = connect();
    Promise<Void> closed = Promise.promise();
    client.closeHandler(v -> closed.complete());
    StreamRelay relay = relays.take();

    vertx.runOnContext(v -> relay.close(StreamRelay.POLICY, "ä".repeat(500)));

    get(closed.future());
    assertThat(client.closeStatusCode()).isEqualTo(StreamRelay.POLICY);
    assertThat(client.closeReason()).isEqualTo("?".repeat(120));
  }
}
