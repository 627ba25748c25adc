package dev.lodge.agent.apiserver;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerRequest;
import java.time.Duration;
import java.util.IdentityHashMap;
import java.util.Map;

/**
 * Bounds on connections: how many there are, and how long one may dawdle. An idle timeout alone
 * would let a client send one byte every few seconds for ever, and would cut quiet watches; so each
 * phase has its own deadline instead. Lives on the event loop.
 */
final class Connections {
  private static final long LINGER_MILLIS = 1000;

  private final Vertx vertx;
  private final ApiServerConfig.Limits limits;

  /** The timer that closes a connection; -1 while a request is answered. */
  private final Map<HttpConnection, Long> deadlines = new IdentityHashMap<>();

  Connections(Vertx vertx, ApiServerConfig.Limits limits) {
    this.vertx = vertx;
    this.limits = limits;
  }

  /** A connection came. */
  void opened(HttpConnection connection) {
    if (deadlines.size() >= limits.connections()) {
      close(connection);
      return;
    }
    deadlines.put(connection, -1L);
    connection.closeHandler(v -> closed(connection));
    arm(connection, limits.head());
  }

  /** A request's head came; its body has a deadline too. */
  void began(HttpServerRequest request) {
    HttpConnection connection = request.connection();
    arm(connection, limits.body());
    request
        .response()
        .endHandler(
            v -> {
              if (deadlines.containsKey(connection)) {
                arm(connection, limits.idle());
              }
            });
  }

  /** A request has come whole, or needs no body: the answer may take its time. */
  void complete(HttpServerRequest request) {
    disarm(request.connection());
  }

  /** The connection is to end shortly, whatever else comes. */
  void linger(HttpServerRequest request) {
    HttpConnection connection = request.connection();
    disarm(connection);
    vertx.setTimer(LINGER_MILLIS, t -> close(connection));
  }

  private void arm(HttpConnection connection, Duration deadline) {
    disarm(connection);
    if (deadlines.containsKey(connection)) {
      deadlines.put(connection, vertx.setTimer(deadline.toMillis(), t -> close(connection)));
    }
  }

  private void disarm(HttpConnection connection) {
    Long timer = deadlines.get(connection);
    if (timer != null && timer >= 0) {
      vertx.cancelTimer(timer);
      deadlines.put(connection, -1L);
    }
  }

  private void closed(HttpConnection connection) {
    disarm(connection);
    deadlines.remove(connection);
  }

  private static void close(HttpConnection connection) {
    connection
        .close()
        .onFailure(
            e -> {
              // It is closed already, which is what was wanted.
            });
  }
}
