package dev.lodge.operator;

import java.time.Duration;
import java.util.Optional;

/** Settings as the chart gives them, without an election. */
record TestSettings() implements OperatorSettings {
  @Override
  public String namespace() {
    return "lodge-system";
  }

  @Override
  public String name() {
    return "lodge";
  }

  @Override
  public String slotImage() {
    return "example.org/lodge-slot:1";
  }

  @Override
  public String slotPullPolicy() {
    return "IfNotPresent";
  }

  @Override
  public Optional<String> slotRuntimeClass() {
    return Optional.empty();
  }

  @Override
  public double cpuOvercommit() {
    return 4;
  }

  @Override
  public String memoryOverhead() {
    return "160Mi";
  }

  @Override
  public Emulation emulation() {
    return Emulation.Refused;
  }

  @Override
  public Optional<String> defaultNetworkCidr() {
    return Optional.empty();
  }

  @Override
  public int threads() {
    return 4;
  }

  @Override
  public Duration agentSilence() {
    return Duration.ofSeconds(40);
  }

  @Override
  public LeaderElection leaderElection() {
    return new LeaderElection() {
      @Override
      public boolean enabled() {
        return false;
      }

      @Override
      public Duration lease() {
        return Duration.ofSeconds(10);
      }

      @Override
      public Duration renew() {
        return Duration.ofSeconds(7);
      }

      @Override
      public Duration retry() {
        return Duration.ofSeconds(2);
      }
    };
  }
}
