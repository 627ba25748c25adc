package dev.lodge.testkit.hypervisor;

import dev.lodge.domain.hypervisor.DhcpLease;
import dev.lodge.domain.hypervisor.HypervisorException;
import dev.lodge.domain.hypervisor.HypervisorFailure;
import dev.lodge.domain.hypervisor.NetworkState;
import dev.lodge.domain.machine.DevicePlan;
import dev.lodge.domain.machine.NetworkPlan;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The networks of a host in memory; guarded by the lock of its hypervisor. */
final class MemoryNetworks {
  private static final Duration LEASE = Duration.ofHours(1);
  private final Map<String, NetworkPlan> ours = new LinkedHashMap<>();
  private final Set<String> foreign = new LinkedHashSet<>();

  void addForeign(String libvirtName) {
    foreign.add(libvirtName);
  }

  boolean exists(String libvirtName) {
    return ours.containsKey(libvirtName) || foreign.contains(libvirtName);
  }

  NetworkState ensure(NetworkPlan plan, Collection<MemoryDomain> domains) {
    refuseForeign(plan.libvirtName());
    NetworkPlan there = ours.get(plan.libvirtName());
    if (there != null && !sameShape(there, plan) && used(plan.libvirtName(), domains)) {
      throw failure(
          new HypervisorFailure.Busy(
              "network '%s' is used by running guests and cannot change its shape"
                  .formatted(plan.libvirtName())));
    }
    ours.put(plan.libvirtName(), plan);
    return state(plan);
  }

  List<NetworkState> list() {
    return ours.values().stream().map(MemoryNetworks::state).toList();
  }

  void remove(String libvirtName) {
    refuseForeign(libvirtName);
    ours.remove(libvirtName);
  }

  List<DhcpLease> leases(String libvirtName, Collection<MemoryDomain> domains, Instant now) {
    NetworkPlan plan = ours.get(libvirtName);
    if (plan == null) {
      throw failure(new HypervisorFailure.NotFound("no network '" + libvirtName + "'"));
    }
    List<DhcpLease> leases = new ArrayList<>();
    for (MemoryDomain domain : domains) {
      for (DevicePlan device : domain.devices.values()) {
        if (device instanceof DevicePlan.Interface nic
            && nic.network().equals(libvirtName)
            && nic.linkUp()) {
          plan.hosts().stream()
              .filter(h -> h.mac().equalsIgnoreCase(nic.mac()))
              .forEach(h -> leases.add(new DhcpLease(h.mac(), h.ip(), h.name(), now.plus(LEASE))));
        }
      }
    }
    return leases;
  }

  private static boolean used(String libvirtName, Collection<MemoryDomain> domains) {
    return domains.stream()
        .flatMap(d -> d.devices.values().stream())
        .anyMatch(d -> d instanceof DevicePlan.Interface n && n.network().equals(libvirtName));
  }

  private static boolean sameShape(NetworkPlan a, NetworkPlan b) {
    return a.withHosts(List.of()).equals(b.withHosts(List.of()));
  }

  private static NetworkState state(NetworkPlan plan) {
    return new NetworkState(plan.libvirtName(), plan.uid(), plan.bridge());
  }

  private void refuseForeign(String libvirtName) {
    if (foreign.contains(libvirtName)) {
      throw failure(
          new HypervisorFailure.AlreadyExists(
              "network '%s' exists and is not Lodge's".formatted(libvirtName)));
    }
  }

  private static HypervisorException failure(HypervisorFailure f) {
    return new HypervisorException(f);
  }
}
