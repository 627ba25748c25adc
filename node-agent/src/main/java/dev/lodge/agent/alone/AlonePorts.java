package dev.lodge.agent.alone;

import dev.lodge.agent.apiserver.ApiException;
import dev.lodge.agent.apiserver.Consoles;
import dev.lodge.agent.apiserver.Ports;
import dev.lodge.agent.apiserver.StrictManifests;
import dev.lodge.agent.reconcile.Preparation;
import dev.lodge.agent.store.ObjectKey;
import dev.lodge.agent.store.ObjectStore;
import dev.lodge.agent.store.StoredObject;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineSpec;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineStatus;
import dev.lodge.domain.hypervisor.ConsoleInput;
import dev.lodge.domain.hypervisor.DomainState;
import dev.lodge.domain.hypervisor.Hypervisor;
import dev.lodge.domain.machine.DevicePlan;
import dev.lodge.domain.machine.DomainNames;
import dev.lodge.domain.machine.MachineFiles;
import dev.lodge.domain.plan.SpecDefaults;
import dev.lodge.libvirtxml.DomainXml;
import dev.lodge.manifest.LodgeJson;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What the API asks of the rest of the agent. */
final class AlonePorts {
  private final ObjectStore store;
  private final Hypervisor hypervisor;
  private final AloneAgent.Parts parts;

  private AlonePorts(ObjectStore store, Hypervisor hypervisor, AloneAgent.Parts parts) {
    this.store = store;
    this.hypervisor = hypervisor;
    this.parts = parts;
  }

  static Ports of(ObjectStore store, Hypervisor hypervisor, AloneAgent.Parts parts, Clock clock) {
    var ports = new AlonePorts(store, hypervisor, parts);
    return new Ports(
        new StrictManifests(),
        new AloneVerbs(store, parts.vms(), parts.operations(), clock),
        ports::xml,
        ports::console,
        parts.networks()::leases,
        hypervisor::capabilities,
        parts.readiness());
  }

  private Ports.Rendered xml(ObjectKey key) {
    StoredObject vm = vm(key);
    Optional<DomainState> live = live(vm);
    if (live.isPresent()) {
      return new Ports.Rendered(true, hypervisor.liveXml(live.get().id()));
    }
    Preparation p =
        parts
            .preparer()
            .prepare(
                vm,
                LodgeJson.read(vm.spec(), VirtualMachineSpec.class),
                LodgeJson.read(vm.status(), VirtualMachineStatus.class));
    return switch (p) {
      case Preparation.Ready r -> new Ports.Rendered(false, DomainXml.render(r.plan()));
      case Preparation.NotReady n ->
          throw new ApiException(ApiException.Reason.Conflict, n.message());
    };
  }

  private Consoles.Console console(ObjectKey key, @Nullable String device) {
    StoredObject vm = vm(key);
    VirtualMachineSpec spec = LodgeJson.read(vm.spec(), VirtualMachineSpec.class);
    boolean serial = spec.consoles() == null || spec.consoles().serial() != null;
    boolean virtio = spec.consoles() == null || spec.consoles().virtio() != null;
    if (!serial && !virtio) {
      throw new ApiException(
          ApiException.Reason.BadRequest,
          vm.name() + " has no text console; add consoles: {serial: {}} to its spec");
    }
    DevicePlan.Console.Kind kind =
        switch (device == null ? (serial ? "serial" : "virtio") : device) {
          case "serial" -> DevicePlan.Console.Kind.SERIAL;
          case "virtio" -> DevicePlan.Console.Kind.VIRTIO;
          default -> throw noSuchConsole(vm, device, serial, virtio);
        };
    if (kind == DevicePlan.Console.Kind.SERIAL ? !serial : !virtio) {
      throw noSuchConsole(vm, device, serial, virtio);
    }
    var files = new MachineFiles(parts.vmDirectory().resolve(vm.uid()).toString());
    return new Consoles.Console() {
      @Override
      public Path log() {
        return Path.of(files.log(kind));
      }

      @Override
      public Path previousLog() {
        return Path.of(files.previousLog(kind));
      }

      @Override
      public ConsoleInput open() {
        DomainState domain =
            live(vm)
                .orElseThrow(
                    () ->
                        new ApiException(
                            ApiException.Reason.Conflict,
                            vm.name() + " does not run; start it with: lodge start " + vm.name()));
        return hypervisor.openConsole(
            domain.id(),
            new DevicePlan.Console(
                SpecDefaults.consoleName(kind), kind, files.log(kind), files.socket(kind), null));
      }
    };
  }

  private static ApiException noSuchConsole(
      StoredObject vm, @Nullable String device, boolean serial, boolean virtio) {
    return new ApiException(
        ApiException.Reason.BadRequest,
        vm.name()
            + " has no console "
            + device
            + "; it has "
            + (serial && virtio ? "serial and virtio" : serial ? "serial" : "virtio"));
  }

  private StoredObject vm(ObjectKey key) {
    return store
        .get(key)
        .orElseThrow(() -> new ApiException(ApiException.Reason.NotFound, key + " not found"));
  }

  private Optional<DomainState> live(StoredObject vm) {
    return hypervisor
        .find(DomainNames.domain(vm.namespace(), vm.name()))
        .filter(d -> d.active() && d.owner() != null && d.owner().uid().equals(vm.uid()));
  }
}
