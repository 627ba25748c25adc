package dev.lodge.agent.apiserver;

import dev.lodge.agent.apiserver.ApiException.Reason;
import dev.lodge.agent.console.ConsoleLog;
import dev.lodge.agent.console.ConsoleStream;
import dev.lodge.agent.console.PlainText;
import dev.lodge.agent.store.ObjectKey;
import dev.lodge.agent.store.ObjectStore;
import dev.lodge.domain.hypervisor.ConsoleInput;
import dev.lodge.relay.ByteSink;
import dev.lodge.relay.StreamRelay;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.ServerWebSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** Logs and consoles of guests, as streams. Lives on the event loop. */
final class GuestStreams {
  static final String SUBPROTOCOL = "v1.console.lodge.dev";

  /** A person at a console notices more; a log's reader does not. */
  private static final Duration CONSOLE_POLL = Duration.ofMillis(15);

  private static final Duration LOG_POLL = Duration.ofMillis(100);
  private static final long GONE_CHECK_MILLIS = 2000;

  private final Vertx vertx;
  private final Work work;
  private final ObjectStore store;
  private final Consoles consoles;
  private final ApiServerConfig.Limits limits;

  /** Who has the keyboard, by VM and log. */
  private final Map<String, StreamRelay> keyboards = new LinkedHashMap<>();

  private int open;

  GuestStreams(
      Vertx vertx, Work work, ObjectStore store, Consoles consoles, ApiServerConfig.Limits limits) {
    this.vertx = vertx;
    this.work = work;
    this.store = store;
    this.consoles = consoles;
    this.limits = limits;
  }

  /** Answers with what a console said, as text; with follow also what it says from now on. */
  void log(Answer answer, ObjectKey vm, Query query) {
    boolean follow = query.flag("follow");
    boolean raw = query.flag("raw");
    boolean previous = query.flag("previous");
    if (previous && follow) {
      throw ApiException.badRequest("the previous boot is over: leave out follow");
    }
    OptionalLong tail = query.number("tailBytes");
    String device = device(query);
    take();
    answer
        .body()
        .compose(
            b ->
                work.slow(
                    () -> {
                      Consoles.Console console = consoles.of(vm, device);
                      ConsoleLog log =
                          new ConsoleLog(previous ? console.previousLog() : console.log());
                      if (previous && log.absent()) {
                        throw new ApiException(
                            Reason.NotFound,
                            vm.name() + " has no log of an earlier boot; it has started once");
                      }
                      if (tail.isPresent()) {
                        log.skipToLast(tail.getAsLong());
                      }
                      return log;
                    }))
        .onSuccess(log -> send(answer, vm, log, follow, raw))
        .onFailure(
            e -> {
              open--;
              answer.fail(e);
            });
  }

  private void send(Answer answer, ObjectKey vm, ConsoleLog log, boolean follow, boolean raw) {
    HttpServerRequest request = answer.request();
    HttpServerResponse response = request.response();
    ConsoleStream stream = new ConsoleStream(vertx, work.files(), log, LOG_POLL);
    if (response.closed()) {
      open--;
      stream.close();
      return;
    }
    answer.streaming();
    response
        .setChunked(true)
        .putHeader("Content-Type", raw ? "application/octet-stream" : "text/plain; charset=utf-8")
        .putHeader("X-Content-Type-Options", "nosniff");
    PlainText plain = new PlainText();
    long goneTimer = follow ? endWhenGone(vm, stream) : -1;
    long[] stall = {-1};
    Runnable release =
        once(
            () -> {
              open--;
              vertx.cancelTimer(goneTimer);
              vertx.cancelTimer(stall[0]);
              stream.close();
              answer.streamEnded();
            });
    response.closeHandler(v -> release.run());
    response.exceptionHandler(e -> release.run());
    stream.exceptionHandler(
        e -> {
          release.run();
          response.reset();
        });
    stream.endHandler(
        v -> {
          release.run();
          if (!response.closed()) {
            response.end().onFailure(e -> {});
          }
        });
    stream.handler(
        bytes -> {
          if (response.closed()) {
            release.run(); // A moment before its handler is told.
            return;
          }
          Buffer out =
              raw
                  ? bytes
                  : Buffer.buffer(plain.take(bytes.getBytes()).getBytes(StandardCharsets.UTF_8));
          if (out.length() > 0) {
            response.write(out).onFailure(e -> release.run());
          }
          if (response.writeQueueFull()) {
            stream.pause();
            stall[0] = vertx.setTimer(limits.stalled().toMillis(), t -> response.reset());
            response.drainHandler(
                v -> {
                  vertx.cancelTimer(stall[0]);
                  stream.resume();
                });
          }
        });
    if (follow) {
      response.writeHead().onFailure(e -> release.run());
    } else {
      stream.finish();
    }
  }

  /** Joins a WebSocket with a console. */
  void console(Answer answer, ObjectKey vm, Query query) {
    HttpServerRequest request = answer.request();
    String upgrade = request.getHeader("Upgrade");
    if (!"websocket".equalsIgnoreCase(upgrade)) {
      throw ApiException.badRequest("a console is a WebSocket; use lodge console");
    }
    String offered = request.getHeader("Sec-WebSocket-Protocol");
    if (offered == null || !offered.contains(SUBPROTOCOL)) {
      throw ApiException.badRequest("the WebSocket must offer the subprotocol " + SUBPROTOCOL);
    }
    String device = device(query);
    take();
    // Held as it is until it is known whether it becomes a WebSocket.
    request.pause();
    work.slow(() -> consoles.of(vm, device))
        .compose(
            console -> {
              // Before the console is opened anew, which ends the session that has it: or that
              // one would be told that its guest is gone.
              StreamRelay before = keyboards.get(keyboard(vm, console.log()));
              if (before != null) {
                before.close(StreamRelay.POLICY, "another session took the console");
              }
              return work.slow(() -> new Attached(console.log(), console.open()));
            })
        .onSuccess(
            attached -> {
              // Not resumed before: a request whose end was seen can be no WebSocket any more.
              request
                  .toWebSocket()
                  .onSuccess(socket -> relay(vm, attached, socket, answer))
                  .onFailure(
                      e -> {
                        open--;
                        closeQuietly(attached.input());
                      });
            })
        .onFailure(
            e -> {
              open--;
              request.resume();
              answer.fail(e);
            });
  }

  private record Attached(Path log, ConsoleInput input) {}

  private static String keyboard(ObjectKey vm, Path log) {
    return vm + " " + log;
  }

  private void relay(ObjectKey vm, Attached attached, ServerWebSocket socket, Answer answer) {
    answer.streaming();
    String keyboard = keyboard(vm, attached.log());
    StreamRelay before = keyboards.get(keyboard);
    if (before != null) {
      before.close(StreamRelay.POLICY, "another session took the console");
    }
    ConsoleStream stream =
        new ConsoleStream(vertx, work.files(), new ConsoleLog(attached.log()), CONSOLE_POLL);
    StreamRelay relay =
        StreamRelay.start(
            vertx, stream, new Keyboard(attached.input()), socket, StreamRelay.Bounds.DEFAULT);
    keyboards.put(keyboard, relay);
    // The guest's last words are in the log still: read to its end, then close.
    attached.input().ended().whenComplete((v, e) -> stream.finish());
    relay
        .closed()
        .onComplete(
            v -> {
              open--;
              stream.close();
              keyboards.remove(keyboard, relay);
              answer.streamEnded();
            });
  }

  /** Keys on their way to a guest, one after the other, on a worker. */
  private final class Keyboard implements ByteSink {
    private final ConsoleInput input;
    private Future<Void> last = Future.succeededFuture();

    Keyboard(ConsoleInput input) {
      this.input = input;
    }

    @Override
    public Future<Void> write(Buffer bytes) {
      byte[] keys = bytes.getBytes();
      last =
          last.compose(
              v ->
                  work.keys(
                      () -> {
                        input.send(keys);
                        return null;
                      }));
      return last;
    }

    @Override
    public void close() {
      closeQuietly(input);
    }
  }

  private void closeQuietly(ConsoleInput input) {
    work.keys(
            () -> {
              input.close();
              return null;
            })
        .onFailure(e -> {});
  }

  private long endWhenGone(ObjectKey vm, ConsoleStream stream) {
    return vertx.setPeriodic(
        GONE_CHECK_MILLIS,
        t ->
            work.quick(() -> store.get(vm).isEmpty())
                .onSuccess(
                    gone -> {
                      if (gone) {
                        stream.finish();
                      }
                    }));
  }

  private void take() {
    if (open >= limits.consoles()) {
      throw new ApiException(
          Reason.TooManyRequests,
          "there are " + limits.consoles() + " consoles and logs open already; close one");
    }
    open++;
  }

  private static @Nullable String device(Query query) {
    return switch (query.text("device")) {
      case "" -> null;
      case "serial" -> "serial";
      case "virtio" -> "virtio";
      default -> throw ApiException.badRequest("device must be serial or virtio");
    };
  }

  private static Runnable once(Runnable action) {
    boolean[] done = {false};
    return () -> {
      if (!done[0]) {
        done[0] = true;
        action.run();
      }
    };
  }

  /** Closes all consoles: the server stops. */
  void close() {
    java.util.List.copyOf(keyboards.values())
        .forEach(r -> r.close(StreamRelay.GOING_AWAY, "the agent stops"));
  }
}
