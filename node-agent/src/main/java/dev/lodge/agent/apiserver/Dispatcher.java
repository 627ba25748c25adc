package dev.lodge.agent.apiserver;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lodge.agent.apiserver.ApiException.Reason;
import dev.lodge.agent.store.ObjectKey;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Takes every request: who asks, for what, and by whom it is answered. Runs on the event loop;
 * whatever may block is handed to {@link Work}.
 */
final class Dispatcher implements Handler<HttpServerRequest> {
  private static final System.Logger LOG = System.getLogger(Dispatcher.class.getName());

  private final Access access;
  private final Connections connections;
  private final ApiServerConfig config;
  private final Parts parts;

  /** What answers; shared by all listeners. */
  record Parts(
      Map<String, Resource> resources,
      Discovery discovery,
      OpenApi openApi,
      Reads reads,
      Writes writes,
      Watches watches,
      Subresources subresources,
      Probes probes,
      Work work,
      RequestMetrics metrics) {}

  Dispatcher(Access access, Connections connections, ApiServerConfig config, Parts parts) {
    this.access = access;
    this.connections = connections;
    this.config = config;
    this.parts = parts;
  }

  @Override
  public void handle(HttpServerRequest request) {
    connections.began(request);
    request.exceptionHandler(e -> {});
    RequestMetrics.Sample sample = parts.metrics().start(request);
    try {
      Route route =
          Route.parse(rawPath(request))
              .orElseThrow(
                  () ->
                      new ApiException(
                          Reason.NotFound, "the server could not find the requested resource"));
      sample.about(route.getClass().getSimpleName().toLowerCase(Locale.ROOT));
      if (route instanceof Route.Health h) {
        if (access instanceof Access.Token t) {
          t.checkHost(request);
        }
        requireGet(request);
        send(request, parts.probes().health(h.name()), sample);
        return;
      }
      String user = access.user(request);
      dispatch(request, route, user, new Query(request.query()), sample);
    } catch (RuntimeException e) {
      fail(request, e, sample);
    }
  }

  private void dispatch(
      HttpServerRequest request,
      Route route,
      String user,
      Query query,
      RequestMetrics.Sample sample) {
    switch (route) {
      case Route.Objects o -> objects(request, o, query, sample);
      case Route.OfVm v ->
          parts.subresources().handle(request, v, user, query, new Answering(request, sample));
      default -> {
        requireGet(request);
        Accept accept = Accept.parse(request.getHeader("Accept"));
        whole(request, sample, body -> simple(route, accept));
      }
    }
  }

  /** Answers that are one GET without more ado; on a worker. */
  private Reply simple(Route route, Accept accept) {
    return switch (route) {
      case Route.Version v -> parts.probes().version();
      case Route.Metrics m -> parts.metrics().scrape();
      case Route.Discovery d ->
          parts
              .discovery()
              .answer(d, accept)
              .orElseThrow(() -> new ApiException(Reason.NotFound, "no such group or version"));
      case Route.OpenApi o -> parts.openApi().answer(o.document());
      case Route.Leases l -> parts.subresources().leases(l);
      case Route.HostCapabilities h -> parts.subresources().capabilities();
      case Route.Health h -> parts.probes().health(h.name());
      case Route.Objects o -> throw new IllegalStateException(o.toString());
      case Route.OfVm v -> throw new IllegalStateException(v.toString());
    };
  }

  private void objects(
      HttpServerRequest request, Route.Objects route, Query query, RequestMetrics.Sample sample) {
    Resource resource = parts.resources().get(route.group() + "/" + route.plural());
    if (resource == null) {
      throw new ApiException(Reason.NotFound, "the server could not find the requested resource");
    }
    sample.about(resource.names().plural());
    checkScope(resource, route);
    route.name().ifPresent(n -> checkName(resource, n));
    String method = request.method().name();
    if (route.status() && !method.equals("GET")) {
      throw new ApiException(
          Reason.Forbidden, "only Lodge writes a status; change spec, and the status follows");
    }
    boolean dryRun = query.dryRun();
    switch (method) {
      case "GET" -> {
        Accept accept = Accept.parse(request.getHeader("Accept"));
        boolean watch = query.flag("watch") && !route.status();
        if (watch) {
          Route.Objects all =
              new Route.Objects(
                  route.group(), route.plural(), route.namespace(), Optional.empty(), false);
          connections.complete(request);
          parts
              .watches()
              .start(
                  request,
                  resource,
                  all,
                  route.name(),
                  accept,
                  query,
                  new Answering(request, sample));
        } else if (route.name().isPresent()) {
          String name = route.name().get();
          whole(request, sample, b -> parts.reads().get(resource, route, name, accept, query));
        } else {
          whole(request, sample, b -> parts.reads().list(resource, route, accept, query));
        }
      }
      case "POST" -> {
        StoreResource kind = writable(resource, route.name().isEmpty());
        requireNamespace(resource, route);
        checkJson(request);
        written(
            request,
            sample,
            resource,
            query,
            body -> parts.writes().create(kind, route.namespace(), body, dryRun));
      }
      case "PUT" -> {
        StoreResource kind = writable(resource, route.name().isPresent());
        ObjectKey key = key(kind, route);
        checkJson(request);
        written(
            request,
            sample,
            resource,
            query,
            body -> parts.writes().update(kind, key, body, dryRun));
      }
      case "PATCH" -> {
        StoreResource kind = writable(resource, route.name().isPresent());
        ObjectKey key = key(kind, route);
        String type = contentType(request);
        written(
            request,
            sample,
            resource,
            query,
            body -> parts.writes().patch(kind, key, type, body, dryRun));
      }
      case "DELETE" -> {
        StoreResource kind = writable(resource, route.name().isPresent());
        ObjectKey key = key(kind, route);
        written(
            request,
            sample,
            resource,
            query,
            body -> parts.writes().delete(kind, key, body, dryRun));
      }
      default -> throw notAllowed(request);
    }
  }

  private static void checkScope(Resource resource, Route.Objects route) {
    Resource.Names n = resource.names();
    if (!n.namespaced() && !route.namespace().isEmpty()) {
      throw new ApiException(
          Reason.NotFound,
          n.plural() + " are cluster-scoped: leave /namespaces/NAME out of the path");
    }
    if (n.namespaced() && route.namespace().isEmpty() && route.name().isPresent()) {
      throw new ApiException(
          Reason.NotFound, n.plural() + " are namespaced: put /namespaces/NAME into the path");
    }
  }

  private static void checkName(Resource resource, String name) {
    if (!Route.NAME.matcher(name).matches()) {
      throw ApiException.notFound(resource.names().subject(name));
    }
  }

  private static void requireNamespace(Resource resource, Route.Objects route) {
    if (resource.names().namespaced() && route.namespace().isEmpty()) {
      throw new ApiException(
          Reason.MethodNotAllowed, "create into a namespace: /namespaces/NAME/" + route.plural());
    }
  }

  private static StoreResource writable(Resource resource, boolean allowed) {
    if (allowed && resource instanceof StoreResource kind) {
      return kind;
    }
    throw new ApiException(
        Reason.MethodNotAllowed,
        resource instanceof StoreResource
            ? "the server does not allow this method on the requested resource"
            : resource.names().plural() + " cannot be written in an agent alone");
  }

  private static ObjectKey key(StoreResource kind, Route.Objects route) {
    return new ObjectKey(kind.kind(), route.namespace(), route.name().orElse(""));
  }

  private interface Writing {
    Writes.Written write(byte[] body);
  }

  private interface Replying {
    Reply reply(byte[] body);
  }

  private void written(
      HttpServerRequest request,
      RequestMetrics.Sample sample,
      Resource resource,
      Query query,
      Writing writing) {
    Accept accept = Accept.parse(request.getHeader("Accept"));
    Renderer renderer = parts.reads().renderer(resource, accept, query);
    whole(
        request,
        sample,
        body -> {
          Writes.Written w = writing.write(body);
          ObjectNode answer = renderer.one(w.object(), true);
          return Reply.json(w.code(), answer).warn(w.warnings());
        });
  }

  /** Reads the body, answers on a worker. */
  private void whole(HttpServerRequest request, RequestMetrics.Sample sample, Replying replying) {
    Bodies.read(request, config.limits().bodyBytes())
        .compose(
            body -> {
              connections.complete(request);
              return parts.work().quick(() -> replying.reply(body));
            })
        .onSuccess(reply -> send(request, reply, sample))
        .onFailure(e -> fail(request, e, sample));
  }

  private static void requireGet(HttpServerRequest request) {
    if (!request.method().equals(HttpMethod.GET)) {
      throw notAllowed(request);
    }
  }

  static ApiException notAllowed(HttpServerRequest request) {
    return new ApiException(
        Reason.MethodNotAllowed,
        "the server does not allow "
            + clip(request.method().name())
            + " on the requested resource");
  }

  private static String clip(String text) {
    return text.length() > 16 ? text.substring(0, 16) : text;
  }

  private static void checkJson(HttpServerRequest request) {
    String type = contentType(request);
    if (!type.isEmpty() && !type.equals(Reply.JSON)) {
      throw new ApiException(
          Reason.UnsupportedMediaType, "the body must be application/json, not " + clip(type));
    }
  }

  static String contentType(HttpServerRequest request) {
    String header = request.getHeader("Content-Type");
    return header == null ? "" : header.split(";")[0].trim().toLowerCase(Locale.ROOT);
  }

  private static String rawPath(HttpServerRequest request) {
    String path = request.path();
    return path == null ? "" : path;
  }

  /** Answers one request, for those that take it out of the dispatcher's hands. */
  final class Answering {
    private final HttpServerRequest request;
    private final RequestMetrics.Sample sample;

    Answering(HttpServerRequest request, RequestMetrics.Sample sample) {
      this.request = request;
      this.sample = sample;
    }

    void send(Reply reply) {
      Dispatcher.this.send(request, reply, sample);
    }

    void fail(Throwable e) {
      Dispatcher.this.fail(request, e, sample);
    }

    /** The body, read whole. */
    Future<byte[]> body() {
      return Bodies.read(request, config.limits().bodyBytes())
          .onSuccess(b -> connections.complete(request));
    }

    /** What the request is about, for metrics; a word of ours. */
    void about(String known) {
      sample.about(known);
    }

    /** The answer is a stream that takes its own time. */
    void streaming() {
      connections.complete(request);
      sample.stream();
    }

    void streamEnded() {
      sample.streamEnded();
    }
  }

  private void fail(HttpServerRequest request, Throwable e, RequestMetrics.Sample sample) {
    ApiException known = ApiException.of(e);
    if (known.reason() == Reason.InternalError) {
      LOG.log(
          System.Logger.Level.ERROR,
          "request failed: " + request.method() + " " + request.path(),
          e);
    }
    boolean unread = !request.isEnded() && hasBody(request);
    if (unread) {
      request.response().putHeader("Connection", "close");
    }
    send(request, Reply.failure(known), sample);
    if (unread) {
      // A client that is cut off while it sends does not read why: take the rest, for a moment.
      request.handler(rest -> {});
      request.endHandler(v -> {});
      request.resume();
      connections.linger(request);
    }
  }

  private static boolean hasBody(HttpServerRequest request) {
    String length = request.getHeader("Content-Length");
    return request.getHeader("Transfer-Encoding") != null
        || (length != null && !length.equals("0"));
  }

  private void send(HttpServerRequest request, Reply reply, RequestMetrics.Sample sample) {
    HttpServerResponse response = request.response();
    connections.complete(request);
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

  private static String quoted(String text) {
    String line =
        text.replaceAll("[^\\x20-\\x7e]", "?").replace("\\", "\\\\").replace("\"", "\\\"");
    return line.length() > 1024 ? line.substring(0, 1024) : line;
  }
}
