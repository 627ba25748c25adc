package dev.lodge.agent.apiserver;

import dev.lodge.agent.apiserver.ApiException.Reason;
import io.vertx.core.Handler;
import io.vertx.core.http.HttpServerRequest;
import java.util.Locale;

/**
 * Takes every request: who asks, for what, and by whom it is answered. Runs on the event loop;
 * whatever may block is handed to {@link Work}.
 */
final class Dispatcher implements Handler<HttpServerRequest> {
  private final Access access;
  private final Connections connections;
  private final ApiServerConfig config;
  private final Parts parts;

  /** What answers; shared by all listeners. */
  record Parts(
      ObjectRequests objects,
      Discovery discovery,
      OpenApi openApi,
      Subresources subresources,
      Probes probes,
      Work work,
      RequestMetrics metrics,
      BodyBudget bodies) {}

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
    Answer answer =
        new Answer(
            request,
            parts.metrics().start(request),
            connections,
            config.limits().bodyBytes(),
            parts.bodies());
    try {
      String path = request.path();
      Route route =
          Route.parse(path == null ? "" : path)
              .orElseThrow(
                  () ->
                      new ApiException(
                          Reason.NotFound, "the server could not find the requested resource"));
      answer.about(route.getClass().getSimpleName().toLowerCase(Locale.ROOT));
      if (route instanceof Route.Health h) {
        access.checkOrigin(request);
        answer.requireGet();
        answer.send(parts.probes().health(h.name()));
        return;
      }
      String user = access.user(request);
      dispatch(answer, route, user, new Query(request.query()));
    } catch (RuntimeException e) {
      answer.fail(e);
    }
  }

  private void dispatch(Answer answer, Route route, String user, Query query) {
    switch (route) {
      case Route.Objects o -> parts.objects().handle(answer, o, query);
      case Route.OfVm v -> parts.subresources().ofVm(answer, v, user, query);
      case Route.Leases l -> parts.subresources().leases(answer, l);
      case Route.HostCapabilities h -> parts.subresources().capabilities(answer);
      case Route.Health h -> answer.send(parts.probes().health(h.name()));
      case Route.Version v -> {
        answer.requireGet();
        answer.send(parts.probes().version());
      }
      case Route.Metrics m -> {
        answer.requireGet();
        parts.work().quick(parts.metrics()::scrape).onSuccess(answer::send).onFailure(answer::fail);
      }
      case Route.Discovery d -> {
        answer.requireGet();
        answer.send(
            parts
                .discovery()
                .answer(d, answer.accept())
                .orElseThrow(() -> new ApiException(Reason.NotFound, "no such group or version")));
      }
      case Route.OpenApi o -> {
        answer.requireGet();
        parts
            .work()
            .quick(() -> parts.openApi().answer(o.document()))
            .onSuccess(answer::send)
            .onFailure(answer::fail);
      }
    }
  }
}
