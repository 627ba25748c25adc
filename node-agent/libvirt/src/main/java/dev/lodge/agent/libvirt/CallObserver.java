package dev.lodge.agent.libvirt;

import dev.lodge.domain.hypervisor.HypervisorFailure;
import org.jspecify.annotations.Nullable;

/** Hears of every call to libvirt, for metrics. It is called on the caller's thread: be quick. */
@FunctionalInterface
public interface CallObserver {

  /** Observes nothing. */
  CallObserver NONE = (name, nanos, failure) -> {};

  /**
   * A call ended.
   *
   * @param name of the port's method
   * @param nanos from the caller's call to its end, waiting for a thread included
   * @param failure null: it succeeded
   */
  void call(String name, long nanos, @Nullable HypervisorFailure failure);
}
