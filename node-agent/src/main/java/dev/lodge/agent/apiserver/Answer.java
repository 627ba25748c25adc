package dev.lodge.agent.apiserver;

import dev.lodge.agent.apiserver.ApiException.Reason;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.util.Locale;

/** One request on its way to its answer. Lives on the event loop. */
final class Answer {
  private static final System.Logger LOG = System.getLogger(Answer.class.getName());

  private final HttpServerRequest request;
  private final RequestMetrics.Sample sample;
  private final Connections connections;
  private final int bodyBytes;
  private final BodyBudget bodies;
  private int taken;

  Answer(
      HttpServerRequest request,
      RequestMetrics.Sample sample,
      Connections connections,
      int bodyBytes,
      BodyBudget bodies) {
    this.request = request;
    this.sample = sample;
    this.connections = connections;
    this.bodyBytes = bodyBytes;
    this.bodies = bodies;
  }

  HttpServerRequest request() {
    return request;
  }

  /** The HTTP method. */
  String method() {
    return request.method().name();
  }

  Accept accept() {
    return Accept.parse(request.getHeader("Accept"));
  }

  /** The media type of the body, without its parameters; empty if none is named. */
  String contentType() {
    String header = request.getHeader("Content-Type");
    return header == null ? "" : header.split(";")[0].trim().toLowerCase(Locale.ROOT);
  }

  /** What the request is about, for metrics; a word of ours. */
  void about(String known) {
    sample.about(known);
  }

  void requireGet() {
    if (!request.method().equals(HttpMethod.GET)) {
      throw notAllowed();
    }
  }

  /** That this method is none for this path. */
  ApiException notAllowed() {
    return new ApiException(
        Reason.MethodNotAllowed,
        "the server does not allow " + clip(method()) + " on the requested resource");
  }

  static String clip(String text) {
    return text.length() > 16 ? text.substring(0, 16) : text;
  }

  /** The body, read whole; from then on the answer may take its time. */
  Future<byte[]> body() {
    return Bodies.read(request, bodyBytes, this::take)
        .onSuccess(b -> connections.complete(request));
  }

  private boolean take(int bytes) {
    boolean there = bodies.take(bytes);
    taken += there ? bytes : 0;
    return there;
  }

  /** The body has been used. */
  private void giveBack() {
    bodies.giveBack(taken);
    taken = 0;
  }

  /** The answer is a stream. */
  void streaming() {
    connections.complete(request);
    giveBack();
    sample.stream();
  }

  void streamEnded() {
    sample.streamEnded();
  }

  void send(Reply reply) {
    HttpServerResponse response = request.response();
    connections.complete(request);
    giveBack();
    sample.end(reply.code());
    if (response.ended() || response.closed()) {
      return;
    }
    response.setStatusCode(reply.code()).putHeader("Content-Type", reply.contentType());
    response.putHeader("Cache-Control", "no-cache, private");
    response.putHeader("X-Content-Type-Options", "nosniff");
    reply.headers().forEach(response::putHeader);
    for (String warning : reply.warnings()) {
      response.headers().add("Warning", "299 - \"" + quoted(warning) + "\"");
    }
    response.end(Buffer.buffer(reply.body())).onFailure(e -> {});
  }

  void fail(Throwable e) {
    ApiException known = ApiException.of(e);
    if (known.reason() == Reason.InternalError) {
      LOG.log(System.Logger.Level.ERROR, "request failed: " + method() + " " + request.path(), e);
    }
    boolean unread = !request.isEnded() && hasBody();
    if (unread) {
      request.response().putHeader("Connection", "close");
    }
    send(Reply.failure(known));
    if (unread) {
      // A client that is cut off while it sends does not read why: take the rest, for a moment.
      request.handler(rest -> {});
      request.endHandler(v -> {});
      request.resume();
      connections.linger(request);
    }
  }

  private boolean hasBody() {
    String length = request.getHeader("Content-Length");
    return request.getHeader("Transfer-Encoding") != null
        || (length != null && !length.equals("0"));
  }

  private static String quoted(String text) {
    String line =
        text.replaceAll("[^\\x20-\\x7e]", "?").replace("\\", "\\\\").replace("\"", "\\\"");
    return line.length() > 1024 ? line.substring(0, 1024) : line;
  }
}
