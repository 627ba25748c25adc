package dev.lodge.agent.apiserver;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Timer;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.vertx.core.http.HttpServerRequest;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** How the API itself fares, and the scrape of everything. */
final class RequestMetrics {
  private static final List<String> METHODS = List.of("GET", "POST", "PUT", "PATCH", "DELETE");
  private final PrometheusMeterRegistry registry;
  private final AtomicInteger streams = new AtomicInteger();

  RequestMetrics(PrometheusMeterRegistry registry) {
    this.registry = registry;
    Gauge.builder("lodge.api.streams", streams, AtomicInteger::get)
        .description("Watches, logs and consoles that are open")
        .register(registry);
  }

  Reply scrape() {
    return Reply.text(200, "text/plain; version=0.0.4; charset=utf-8", registry.scrape());
  }

  Sample start(HttpServerRequest request) {
    return new Sample(request.method().name());
  }

  /** One request; ends once. */
  final class Sample {
    private final Timer.Sample timer = Timer.start(registry);
    private final String method;
    private String resource = "none";
    private boolean ended;
    private boolean streaming;

    Sample(String method) {
      this.method = METHODS.contains(method) ? method : "other";
    }

    /** What it is about: only words of ours, never a stranger's. */
    void about(String known) {
      resource = known;
    }

    /** It became a stream: its length says nothing about the API. */
    void stream() {
      if (!ended) {
        ended = true;
        streaming = true;
        streams.incrementAndGet();
      }
    }

    void end(int code) {
      if (!ended) {
        ended = true;
        timer.stop(
            Timer.builder("lodge.api.request")
                .description("Requests to the agent's API, streams apart")
                .tag("method", method)
                .tag("resource", resource)
                .tag("code", Integer.toString(code))
                .register(registry));
      }
    }

    void streamEnded() {
      if (streaming) {
        streaming = false;
        streams.decrementAndGet();
      }
    }
  }
}
