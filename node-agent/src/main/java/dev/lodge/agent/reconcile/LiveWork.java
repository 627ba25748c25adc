package dev.lodge.agent.reconcile;

import dev.lodge.agent.reconcile.VmReconciler.Surroundings;
import dev.lodge.agent.store.StoredObject;
import dev.lodge.api.change.Change.Cost;
import dev.lodge.api.v1alpha1.virtualmachine.Disk;
import dev.lodge.api.v1alpha1.virtualmachine.Interface;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineSpec;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineStatus.AwaitingChange;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineStatus.InterfaceStatus;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineStatus.Operation;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineStatus.Request;
import dev.lodge.domain.change.SpecChange;
import dev.lodge.domain.change.SpecDiff;
import dev.lodge.domain.hypervisor.DomainId;
import dev.lodge.domain.hypervisor.DomainState;
import dev.lodge.domain.hypervisor.DomainState.Power;
import dev.lodge.domain.hypervisor.HypervisorException;
import dev.lodge.domain.machine.DevicePlan;
import dev.lodge.domain.machine.MachinePlan;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What can be done to a guest that runs: verbs, and changes of the spec that need no restart. */
final class LiveWork {
  private final Surroundings world;
  private final StoredObject vm;
  private final VirtualMachineSpec spec;
  private final VmRuntime runtime;
  private final NodeRecord record;
  private final StatusFacts facts;
  private final Instant now;

  LiveWork(
      Surroundings world,
      StoredObject vm,
      VirtualMachineSpec spec,
      VmRuntime runtime,
      NodeRecord record,
      StatusFacts facts,
      Instant now) {
    this.world = world;
    this.vm = vm;
    this.spec = spec;
    this.runtime = runtime;
    this.record = record;
    this.facts = facts;
    this.now = now;
  }

  void carryOut(List<Request> requests) {
    DomainState domain = runtime.domain;
    if (domain == null || runtime.stopping != null) {
      return;
    }
    runtime.carriedOut.keySet().retainAll(requests.stream().map(Request::id).toList());
    for (Request r : requests) {
      Operation before = runtime.carriedOut.get(r.id());
      if (before == null) {
        verb(domain.id(), r);
      } else {
        // The status could not be written then: no reason to reset a guest once more.
        facts.done.add(before);
      }
    }
    NodeRecord.Run run = record.run();
    if (run != null && !run.spec().equals(spec)) {
      changes(domain.id(), run);
    }
  }

  private void verb(DomainId id, Request r) {
    Runnable work =
        switch (r.verb()) {
          case "Pause" -> () -> world.hypervisor().suspend(id);
          case "Resume" -> () -> world.hypervisor().resume(id);
          case "Reset" -> () -> world.hypervisor().reset(id);
          default -> null;
        };
    if (work == null) {
      return;
    }
    try {
      work.run();
      if (!r.verb().equals("Reset")) {
        DomainState d = Objects.requireNonNull(runtime.domain);
        runtime.domain =
            new DomainState(
                d.id(),
                d.owner(),
                r.verb().equals("Pause") ? Power.PAUSED : Power.RUNNING,
                "by request",
                d.pid());
      }
      carriedOut(r, null);
      world
          .events()
          .normal(
              vm,
              r.verb(),
              r.verb().toLowerCase(java.util.Locale.ROOT) + " done, as " + r.user() + " asked");
    } catch (HypervisorException e) {
      if (e.failure().outcomeUnknown()) {
        throw e;
      }
      carriedOut(r, e.failure().message());
      world.events().warning(vm, r.verb() + "Failed", e.failure().message());
    }
  }

  private void carriedOut(Request r, @Nullable String why) {
    Operation o = done(r, now, why);
    runtime.carriedOut.put(r.id(), o);
    facts.done.add(o);
  }

  private void changes(DomainId id, NodeRecord.Run run) {
    VirtualMachineSpec has = run.spec();
    var waiting = new ArrayList<AwaitingChange>();
    for (SpecChange c : SpecDiff.diff(has, spec)) {
      if (c.cost() != Cost.LIVE) {
        waiting.add(new AwaitingChange(c.path(), c.current(), c.desired()));
      }
    }
    for (Disk wanted : spec.disks() == null ? List.<Disk>of() : spec.disks()) {
      Disk now = disk(has, wanted.name());
      if (now != null
          && now.device() == Disk.Device.CDROM
          && wanted.device() == Disk.Device.CDROM
          && !Objects.equals(now.source(), wanted.source())) {
        String why =
            apply(
                VmTree.withSource(has, wanted),
                "disk/" + wanted.name(),
                DevicePlan.Disk.class,
                d -> world.hypervisor().changeMedium(id, d));
        if (why == null) {
          has = VmTree.withSource(has, wanted);
          world
              .events()
              .normal(vm, "MediumChanged", "disks[" + wanted.name() + "] has another medium");
        } else {
          waiting.add(new AwaitingChange("disks[" + wanted.name() + "].source", null, why));
        }
      }
    }
    for (Interface wanted : spec.interfaces() == null ? List.<Interface>of() : spec.interfaces()) {
      Interface now = nic(has, wanted.name());
      if (now != null && now.linkState() != wanted.linkState()) {
        String why =
            apply(
                VmTree.withLinkState(has, wanted),
                "interface/" + wanted.name(),
                DevicePlan.Interface.class,
                n -> world.hypervisor().setLink(id, n));
        if (why == null) {
          has = VmTree.withLinkState(has, wanted);
          showLink(wanted);
          world
              .events()
              .normal(
                  vm,
                  "LinkChanged",
                  "interfaces["
                      + wanted.name()
                      + "].linkState is "
                      + (wanted.linkState() == null ? "Up" : wanted.linkState()));
        } else {
          waiting.add(new AwaitingChange("interfaces[" + wanted.name() + "].linkState", null, why));
        }
      }
    }
    facts.awaiting = waiting;
    if (!has.equals(run.spec())) {
      remember(new NodeRecord.Run(run.epoch(), run.bootGeneration(), run.startedAt(), has));
    }
  }

  private void showLink(Interface wanted) {
    var before = facts.interfaces != null ? facts.interfaces : VmTree.status(vm).interfaces();
    if (before == null) {
      return;
    }
    Interface.LinkState state =
        wanted.linkState() == null ? Interface.LinkState.Up : wanted.linkState();
    facts.interfaces =
        before.stream()
            .map(
                i ->
                    i.name().equals(wanted.name())
                        ? new InterfaceStatus(
                            i.name(), i.mac(), i.network(), i.ips(), i.source(), i.target(), state)
                        : i)
            .toList();
  }

  /** Null: applied. Else why not, for the list of what waits. */
  private <T extends DevicePlan> @Nullable String apply(
      VirtualMachineSpec changed,
      String device,
      Class<T> sort,
      java.util.function.Consumer<T> change) {
    Preparation live = world.preparer().live(vm, changed, VmTree.status(vm));
    if (!(live instanceof Preparation.Ready ready)) {
      return live instanceof Preparation.NotReady n ? n.message() : "not ready";
    }
    MachinePlan plan = ready.plan();
    for (T d : plan.devices(sort)) {
      if (d.name().equals(device)) {
        try {
          change.accept(d);
          return null;
        } catch (HypervisorException e) {
          if (e.failure().outcomeUnknown()) {
            throw e;
          }
          world.events().warning(vm, "ChangeFailed", device + ": " + e.failure().message());
          return e.failure().message();
        }
      }
    }
    return "not in the plan";
  }

  private void remember(NodeRecord.Run run) {
    try {
      world.records().change(vm.uid(), latest -> latest.run(run));
    } catch (IOException e) {
      world.events().warning(vm, "NodeRecordFailed", String.valueOf(e.getMessage()));
    }
  }

  static Operation done(Request r, Instant when, @Nullable String failure) {
    return new Operation(
        r.id(),
        r.verb(),
        r.user(),
        when.toString(),
        failure == null ? "Succeeded" : "Failed",
        failure == null || failure.length() <= 1024 ? failure : failure.substring(0, 1024));
  }

  private static @Nullable Disk disk(VirtualMachineSpec s, String name) {
    for (Disk d : s.disks() == null ? List.<Disk>of() : s.disks()) {
      if (d.name().equals(name)) {
        return d;
      }
    }
    return null;
  }

  private static @Nullable Interface nic(VirtualMachineSpec s, String name) {
    for (Interface i : s.interfaces() == null ? List.<Interface>of() : s.interfaces()) {
      if (i.name().equals(name)) {
        return i;
      }
    }
    return null;
  }
}
