package dev.lodge.operator;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;

/** What the operator tells Prometheus of itself. */
final class Meters {
  private Meters() {}

  static void register(MeterRegistry meters, OperatorApp app) {
    Gauge.builder("lodge.operator.slots", app, a -> a.cluster().slots.size())
        .description("Slot pods known")
        .register(meters);
    Gauge.builder("lodge.operator.addresses", app, a -> a.cluster().addresses.size())
        .description("Addresses given")
        .register(meters);
    Gauge.builder("lodge.operator.hosts", app, a -> a.cluster().hosts.size())
        .description("Nodes that run VMs")
        .register(meters);
    Gauge.builder("lodge.operator.waiting", app, a -> a.wakeups().waiting())
        .description("VMs that wait for something that they name")
        .register(meters);
  }
}
