package dev.lodge.operator;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;
import java.util.Optional;

/** Settings of the operator, by environment ({@code LODGE_NAMESPACE}) or application.properties. */
@ConfigMapping(prefix = "lodge")
public interface OperatorSettings {
  /** Namespace of the installation: its default network, the agents' Leases, its own Lease. */
  @WithDefault("lodge-system")
  String namespace();

  /** Name of the installation: begins the names of its own objects. */
  @WithDefault("lodge")
  String name();

  /** Image of slot pods; it must have {@code /bin/sleep}. */
  @WithDefault("lodge-slot")
  String slotImage();

  /** Always, IfNotPresent or Never. */
  @WithDefault("IfNotPresent")
  String slotPullPolicy();

  /** RuntimeClass of slot pods; empty: none. */
  Optional<String> slotRuntimeClass();

  /** How many virtual CPUs share one CPU of a node, where a VM does not say {@code cpu.request}. */
  @WithDefault("4")
  double cpuOvercommit();

  /** What the scheduler counts for QEMU itself beside the guest's memory. */
  @WithDefault("160Mi")
  String memoryOverhead();

  /** Whether a VM with hypervisor Auto may be emulated. */
  @WithDefault("Refused")
  Emulation emulation();

  /** Subnet of the network {@code default} that the operator makes; empty: it makes none. */
  Optional<String> defaultNetworkCidr();

  /** Passes over VMs at one time. */
  @WithDefault("16")
  int threads();

  LeaderElection leaderElection();

  /** When a node whose agent does not renew its Lease counts as one without an agent. */
  @WithDefault("40s")
  Duration agentSilence();

  /** Whether emulation is allowed. */
  enum Emulation {
    Allowed,
    Refused
  }

  /** Who leads. */
  interface LeaderElection {
    /** Off only where one operator runs, in tests. */
    @WithDefault("true")
    boolean enabled();

    @WithDefault("10s")
    Duration lease();

    @WithDefault("7s")
    Duration renew();

    @WithDefault("2s")
    Duration retry();
  }
}
