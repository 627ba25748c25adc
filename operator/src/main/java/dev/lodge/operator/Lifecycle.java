package dev.lodge.operator;

import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.InstantSource;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Starts the controller with the process; until the API server answers, it tries again. */
@ApplicationScoped
public class Lifecycle {
  private static final Logger LOG = LoggerFactory.getLogger(Lifecycle.class);
  private static final int PAUSE_MILLIS = 2_000;

  private final KubernetesClient client;
  private final OperatorSettings settings;
  private final MeterRegistry meters;
  private volatile @Nullable OperatorApp app;
  private volatile boolean ending;

  Lifecycle(KubernetesClient client, OperatorSettings settings, MeterRegistry meters) {
    this.client = client;
    this.settings = settings;
    this.meters = meters;
  }

  void onStart(@Observes StartupEvent event) {
    // Beside Quarkus' own start, so that health is served from the first moment.
    Thread.ofPlatform().name("operator-start").start(this::start);
  }

  void onStop(@Observes ShutdownEvent event) {
    ending = true;
    OperatorApp running = app;
    if (running != null) {
      running.close();
    }
  }

  /** The controller, once it watches; null before. */
  @Nullable OperatorApp app() {
    return app;
  }

  private void start() {
    try {
      String id = installationId();
      if (id == null) {
        return;
      }
      String identity =
          System.getenv().getOrDefault("POD_NAME", "operator") + "-" + UUID.randomUUID();
      var next = new OperatorApp(client, settings, identity, id, meters, InstantSource.system());
      next.start();
      Meters.register(meters, next);
      app = next;
      LOG.info("watching as {}", identity);
    } catch (ExecutionException | TimeoutException | RuntimeException e) {
      LOG.error("cannot start; ending, so that the next process begins anew", e);
      Quarkus.asyncExit(1);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private @Nullable String installationId() throws InterruptedException {
    while (!ending) {
      try {
        Namespace system = client.namespaces().withName("kube-system").get();
        if (system != null) {
          return system.getMetadata().getUid();
        }
        LOG.warn("the cluster has no namespace kube-system yet");
      } catch (KubernetesClientException e) {
        LOG.warn("the API server does not answer: {}", String.valueOf(cause(e)));
      }
      Thread.sleep(PAUSE_MILLIS);
    }
    return null;
  }

  /** The client's own message says nothing of certificates, names and refusals. */
  private static Throwable cause(Throwable e) {
    Throwable deepest = e;
    while (deepest.getCause() != null && deepest.getCause() != deepest) {
      deepest = deepest.getCause();
    }
    return deepest;
  }
}
