package dev.lodge.testkit.hypervisor;

import dev.lodge.domain.hypervisor.DomainId;
import dev.lodge.domain.hypervisor.HypervisorEvent;
import dev.lodge.domain.hypervisor.HypervisorEvent.DomainEnded.How;
import dev.lodge.domain.hypervisor.HypervisorException;
import dev.lodge.domain.hypervisor.HypervisorFailure;
import dev.lodge.domain.machine.MachinePlan;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What there is on a host in memory. It is its own lock: whoever reads or changes it holds that,
 * but calls {@link #deliver} without it.
 */
final class MemoryHost {
  final Map<String, MemoryDomain> domains = new LinkedHashMap<>();
  final Map<String, How> ends = new LinkedHashMap<>();
  final MemoryNetworks networks = new MemoryNetworks();
  final Set<String> deafToAcpi = new LinkedHashSet<>();
  private final List<Consumer<HypervisorEvent>> listeners = new CopyOnWriteArrayList<>();
  private final Deque<HypervisorEvent> events = new ArrayDeque<>();
  private final Object delivery = new Object();
  private final BooleanSupplier connected;
  private int nextPid = 1000;

  /**
   * @param connected while it is not, nobody hears of anything but that
   */
  MemoryHost(BooleanSupplier connected) {
    this.connected = connected;
  }

  int nextPid() {
    return nextPid++;
  }

  MemoryDomain domain(DomainId id) {
    MemoryDomain d = domains.get(id.name());
    if (d == null || !d.id.equals(id)) {
      throw new HypervisorException(
          new HypervisorFailure.NotFound("no domain '" + id.name() + "'"));
    }
    return d;
  }

  void refuseForeign(MemoryDomain d) {
    if (d.owner == null) {
      throw new HypervisorException(
          new HypervisorFailure.AlreadyExists(
              "domain '%s' exists and is not Lodge's".formatted(d.id.name())));
    }
  }

  void refuseSecond(MachinePlan plan) {
    for (MemoryDomain d : domains.values()) {
      if (d.id.name().equals(plan.identity().domainName())
          || d.id.uuid().equals(plan.identity().uuid())) {
        throw new HypervisorException(
            new HypervisorFailure.AlreadyExists(
                "domain '%s' with UUID %s exists".formatted(d.id.name(), d.id.uuid())));
      }
    }
  }

  void end(MemoryDomain d, How how) {
    domains.remove(d.id.name());
    ends.put(d.id.name(), how);
    d.consoles.values().forEach(MemoryConsole::end);
    events.add(new HypervisorEvent.DomainEnded(d.id, how));
  }

  /** Ends it unless it has ended since, or another has its name; without the lock. */
  void endLater(MemoryDomain d, How how) {
    synchronized (this) {
      if (domains.get(d.id.name()) == d) {
        end(d, how);
      }
    }
    deliver();
  }

  void changed(MemoryDomain d, String what) {
    events.add(new HypervisorEvent.DomainChanged(d.id, what));
  }

  /** Without the lock. */
  void emit(HypervisorEvent event) {
    synchronized (this) {
      events.add(event);
    }
    deliver();
  }

  void listen(Consumer<HypervisorEvent> listener) {
    listeners.add(listener);
  }

  void forget() {
    listeners.clear();
  }

  void deliver() {
    synchronized (delivery) {
      for (HypervisorEvent e = next(); e != null; e = next()) {
        if (connected.getAsBoolean() || e instanceof HypervisorEvent.Disconnected) {
          for (Consumer<HypervisorEvent> listener : listeners) {
            listener.accept(e);
          }
        }
      }
    }
  }

  private synchronized @Nullable HypervisorEvent next() {
    return events.poll();
  }
}
