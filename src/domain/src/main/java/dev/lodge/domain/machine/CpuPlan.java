package dev.lodge.domain.machine;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Virtual CPUs.
 *
 * @param mode how the model is chosen
 * @param model the model's name; only with {@link Mode#CUSTOM}
 * @param check libvirt's {@code check}: none, partial, full; only with {@link Mode#CUSTOM}
 */
public record CpuPlan(
    int count,
    Mode mode,
    @Nullable String model,
    @Nullable String check,
    List<Feature> features,
    @Nullable Topology topology) {

  /** libvirt's CPU modes. */
  public enum Mode {
    CUSTOM,
    HOST_MODEL,
    HOST_PASSTHROUGH,
    MAXIMUM
  }

  /** A single feature; the policy is libvirt's word (require, disable, ...). */
  public record Feature(String name, String policy) {}

  /** Their product is {@link #count}. */
  public record Topology(int sockets, int cores, int threads) {}
}
