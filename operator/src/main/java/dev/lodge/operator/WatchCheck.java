package dev.lodge.operator;

import jakarta.enterprise.context.ApplicationScoped;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;
import org.eclipse.microprofile.health.Startup;

/** Ready is who has listed everything, leader or not: then it can take over at once. */
@Startup
@Readiness
@ApplicationScoped
public class WatchCheck implements HealthCheck {
  private final Lifecycle lifecycle;

  WatchCheck(Lifecycle lifecycle) {
    this.lifecycle = lifecycle;
  }

  @Override
  public HealthCheckResponse call() {
    return HealthCheckResponse.named("watching").status(lifecycle.app() != null).build();
  }
}
