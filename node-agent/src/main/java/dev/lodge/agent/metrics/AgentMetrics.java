package dev.lodge.agent.metrics;

import dev.lodge.agent.libvirt.CallObserver;
import dev.lodge.agent.reconcile.VmMetrics;
import dev.lodge.agent.store.NodeStore;
import dev.lodge.agent.store.StoredObject;
import dev.lodge.api.ResourceKind;
import dev.lodge.domain.hypervisor.HypervisorFailure;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The agent's meters; names and labels are listed in docs/user/observability.md. */
public final class AgentMetrics implements VmMetrics, CallObserver {
  private static final List<String> PHASES =
      List.of(
          "Pending",
          "Provisioning",
          "Starting",
          "Running",
          "Paused",
          "Stopping",
          "Stopped",
          "Failed",
          "Unknown");

  /** From a fast start of a tiny guest to an import that was waited for. */
  private static final Duration[] START_BUCKETS = {
    Duration.ofMillis(1),
    Duration.ofMillis(5),
    Duration.ofMillis(20),
    Duration.ofMillis(100),
    Duration.ofMillis(250),
    Duration.ofMillis(500),
    Duration.ofSeconds(1),
    Duration.ofSeconds(5),
    Duration.ofSeconds(30)
  };

  private final MeterRegistry registry;
  private final java.util.function.Consumer<Throwable> faults;

  /**
   * @param faults told of every fault of ours, to be logged
   */
  public AgentMetrics(MeterRegistry registry, java.util.function.Consumer<Throwable> faults) {
    this.registry = registry;
    this.faults = faults;
  }

  /** Counts VMs by phase whenever somebody asks. */
  public void observe(NodeStore store) {
    for (String phase : PHASES) {
      Gauge.builder("lodge.vms", store, s -> count(s, phase))
          .description("VMs of this node by phase")
          .tag("phase", phase)
          .register(registry);
    }
  }

  private static double count(NodeStore store, String phase) {
    long n = 0;
    for (StoredObject vm : store.list(ResourceKind.VirtualMachine).items()) {
      if (vm.status().path("phase").asText("Pending").equals(phase)) {
        n++;
      }
    }
    return n;
  }

  @Override
  public void started(Phase phase, Duration took) {
    Timer.builder("lodge.vm.start")
        .description("Time of the phases of a start")
        .tag("phase", phase.name().toLowerCase(Locale.ROOT))
        .serviceLevelObjectives(START_BUCKETS)
        .register(registry)
        .record(took);
  }

  @Override
  public void startFailed(String reason) {
    counter("lodge.vm.start.failures", "Starts that failed", "reason", reason).increment();
  }

  @Override
  public void guestEnded(String how) {
    counter("lodge.vm.guest.ends", "Guests that ended by themselves", "how", how).increment();
  }

  @Override
  public void passBroke(Throwable fault) {
    counter(
            "lodge.agent.faults",
            "Faults of the agent itself",
            "kind",
            fault.getClass().getSimpleName())
        .increment();
    faults.accept(fault);
  }

  @Override
  public void call(String name, long nanos, @Nullable HypervisorFailure failure) {
    Timer.builder("lodge.libvirt.call")
        .description("Time of calls to libvirt, waiting for a thread included")
        .tag("call", name)
        .register(registry)
        .record(Duration.ofNanos(nanos));
    if (failure != null) {
      counter(
              "lodge.libvirt.errors",
              "Calls to libvirt that failed",
              "kind",
              failure.getClass().getSimpleName())
          .increment();
    }
  }

  private Counter counter(String name, String description, String tag, String value) {
    return Counter.builder(name).description(description).tag(tag, value).register(registry);
  }
}
