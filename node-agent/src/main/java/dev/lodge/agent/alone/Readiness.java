package dev.lodge.agent.alone;

import dev.lodge.agent.apiserver.Ports;
import dev.lodge.agent.store.ObjectKey;
import dev.lodge.domain.hypervisor.HypervisorEvent;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Whether the agent can do its work: libvirt is reached, and every VM was looked at since it is, so
 * that what the statuses say is so.
 */
final class Readiness implements Ports.Readiness {
  private final Supplier<List<ObjectKey>> unseen;

  /** Why libvirt is not reached; empty: it is. */
  private volatile Optional<String> away = Optional.of("libvirt is not reached yet");

  private volatile boolean heard;
  private volatile boolean reached;

  /**
   * @param unseen VMs that nobody has looked at since the connection stands
   */
  Readiness(Supplier<List<ObjectKey>> unseen) {
    this.unseen = unseen;
  }

  /** Told of each event, after all VMs are due to be looked at because of it. */
  void heard(HypervisorEvent event) {
    switch (event) {
      case HypervisorEvent.Connected _ -> {
        heard = true;
        reached = true;
        away = Optional.empty();
      }
      case HypervisorEvent.Disconnected e -> {
        heard = true;
        away = Optional.of("libvirt cannot be reached: " + e.why());
      }
      case HypervisorEvent.DomainChanged _, HypervisorEvent.DomainEnded _ -> {}
    }
  }

  /** Nobody has said yet whether libvirt can be reached. */
  boolean heardNothing() {
    return !heard;
  }

  /** Whether it was reached at least once. */
  boolean reachedBefore() {
    return reached;
  }

  @Override
  public Optional<String> missing() {
    Optional<String> why = away;
    if (why.isPresent()) {
      return why;
    }
    List<ObjectKey> left = unseen.get();
    return left.isEmpty()
        ? Optional.empty()
        : Optional.of(
            left.size()
                + " VM(s) not looked at yet, e.g. "
                + left.getFirst().namespace()
                + "/"
                + left.getFirst().name());
  }
}
