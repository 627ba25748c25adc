package dev.lodge.testkit.hypervisor;

import dev.lodge.domain.hypervisor.DomainDetails;
import dev.lodge.domain.hypervisor.DomainId;
import dev.lodge.domain.hypervisor.DomainState;
import dev.lodge.domain.machine.DeviceAddress;
import dev.lodge.domain.machine.DevicePlan;
import dev.lodge.domain.machine.MachinePlan;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A domain in memory; guarded by the lock of its hypervisor. */
final class MemoryDomain {
  final DomainId id;
  final DomainState.@Nullable Owner owner;
  final @Nullable MachinePlan plan;
  final int pid;
  final Map<String, DevicePlan> devices = new LinkedHashMap<>();
  final Map<String, MemoryConsole> consoles = new LinkedHashMap<>();
  DomainState.Power power = DomainState.Power.RUNNING;
  String reason = "booted";
  int resets;

  MemoryDomain(MachinePlan plan, int pid) {
    this.id = new DomainId(plan.identity().domainName(), plan.identity().uuid());
    this.owner =
        new DomainState.Owner(
            plan.identity().namespace(),
            plan.identity().name(),
            plan.identity().uid(),
            plan.identity().epoch());
    this.plan = plan;
    this.pid = pid;
    plan.devices().forEach(d -> devices.put(d.name(), d));
  }

  /** Somebody else's. */
  MemoryDomain(DomainId id, int pid) {
    this.id = id;
    this.owner = null;
    this.plan = null;
    this.pid = pid;
  }

  DomainState state() {
    return new DomainState(id, owner, power, reason, pid);
  }

  void become(DomainState.Power next, String why) {
    power = next;
    reason = why;
  }

  DomainDetails details() {
    if (plan == null) {
      return new DomainDetails("pc", null, List.of());
    }
    List<DomainDetails.Device> seen = new ArrayList<>();
    for (DevicePlan d : devices.values()) {
      DeviceAddress address = d.address();
      String target =
          switch (d) {
            case DevicePlan.Disk disk -> disk.target();
            case DevicePlan.Interface nic -> nic.target();
            default -> null;
          };
      seen.add(
          new DomainDetails.Device(d.alias(), address == null ? null : address.text(), target));
    }
    return new DomainDetails(plan.machineType(), plan.cpu().model(), seen);
  }

  String xml() {
    return "<domain type='test' id='%d'><name>%s</name><uuid>%s</uuid></domain>"
        .formatted(pid, id.name(), id.uuid());
  }
}
