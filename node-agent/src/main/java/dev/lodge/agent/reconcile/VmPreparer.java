package dev.lodge.agent.reconcile;

import static dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineConditions.IMAGES_READY;
import static dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineConditions.NETWORKS_READY;
import static dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineConditions.READY;

import dev.lodge.agent.console.PreviousBoot;
import dev.lodge.agent.log.Log;
import dev.lodge.agent.network.NetworkOutcome;
import dev.lodge.agent.network.VmNetworks;
import dev.lodge.agent.storage.Brought;
import dev.lodge.agent.storage.DiskLocks;
import dev.lodge.agent.storage.DiskProvisioner;
import dev.lodge.agent.storage.OpenDisks;
import dev.lodge.agent.storage.Preparation.Failed;
import dev.lodge.agent.storage.Preparation.Prepared;
import dev.lodge.agent.storage.Preparation.Waiting;
import dev.lodge.agent.storage.ResolvedDisk;
import dev.lodge.agent.store.StoredObject;
import dev.lodge.api.common.Quantity;
import dev.lodge.api.v1alpha1.virtualmachine.Disk;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineConditions.Reason;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineSpec;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineStatus;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineStatus.DiskStatus;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineStatus.InterfaceStatus;
import dev.lodge.domain.hypervisor.HostCapabilities;
import dev.lodge.domain.hypervisor.Hypervisor;
import dev.lodge.domain.machine.DevicePlan;
import dev.lodge.domain.machine.DomainNames;
import dev.lodge.domain.machine.MachineFiles;
import dev.lodge.domain.machine.MachinePlan;
import dev.lodge.domain.machine.MachinePlan.Virtualization;
import dev.lodge.domain.plan.MachinePlanner;
import dev.lodge.domain.plan.PlanRequest;
import dev.lodge.domain.plan.PlanResult;
import dev.lodge.domain.plan.SpecDefaults;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Provides disks, then networks, and then makes the plan of it all. */
public final class VmPreparer implements Preparation.Preparer {
  /** Stands for what a live change does not touch. */
  private static final PlanRequest.DiskSource NOT_LOOKED_AT =
      new PlanRequest.DiskSource(new DevicePlan.Disk.Source(false, "/dev/null", "raw", null), true);

  private final Hypervisor hypervisor;
  private final DiskProvisioner disks;
  private final DiskLocks locks;
  private final VmNetworks networks;
  private final Path vmDirectory;
  private final Bringer bringer;
  private final MachinePlanner planner = new MachinePlanner();

  /** Finds what the kubelet has brought for a VM. */
  @FunctionalInterface
  public interface Bringer {
    Brought brought(StoredObject vm, VirtualMachineStatus status);
  }

  /** Of an agent alone. */
  public VmPreparer(
      Hypervisor hypervisor,
      DiskProvisioner disks,
      DiskLocks locks,
      VmNetworks networks,
      Path vmDirectory) {
    this(hypervisor, disks, locks, networks, vmDirectory, (_, _) -> Brought.NOTHING);
  }

  /**
   * @param vmDirectory where each VM has a directory of its UID
   */
  public VmPreparer(
      Hypervisor hypervisor,
      DiskProvisioner disks,
      DiskLocks locks,
      VmNetworks networks,
      Path vmDirectory,
      Bringer bringer) {
    this.hypervisor = hypervisor;
    this.disks = disks;
    this.locks = locks;
    this.networks = networks;
    this.vmDirectory = vmDirectory;
    this.bringer = bringer;
  }

  @Override
  public Preparation prepare(
      StoredObject vm, VirtualMachineSpec spec, VirtualMachineStatus status) {
    return switch (disks.prepare(
        vm.uid(), vm.namespace(), vm.name(), spec, bringer.brought(vm, status))) {
      case Waiting w ->
          w.volumes()
              ? new Preparation.NotReady(READY, Reason.WaitingForVolumes, w.message(), true)
              : new Preparation.NotReady(IMAGES_READY, Reason.Importing, w.message(), true);
      case Failed f ->
          new Preparation.NotReady(
              f.reason() == Reason.ImageFailed ? IMAGES_READY : READY, f.reason(), f.text(), false);
      case Prepared p ->
          switch (networks.prepare(vm, spec, status)) {
            case NetworkOutcome.Refused r ->
                new Preparation.NotReady(NETWORKS_READY, r.reason(), r.message(), false);
            case NetworkOutcome.Ready n -> plan(vm, spec, status, p, p.planned(), n);
          };
    };
  }

  @Override
  public Preparation live(StoredObject vm, VirtualMachineSpec spec, VirtualMachineStatus status) {
    var sources = new LinkedHashMap<String, PlanRequest.DiskSource>();
    for (Disk d : SpecDefaults.disks(spec)) {
      if (d.device() != Disk.Device.CDROM) {
        sources.put(d.name(), NOT_LOOKED_AT);
      } else if (d.source() != null) {
        switch (disks.prepareMedium(vm.uid(), vm.namespace(), d, bringer.brought(vm, status))) {
          case Waiting w -> {
            return new Preparation.NotReady(IMAGES_READY, Reason.Importing, w.message(), true);
          }
          case Failed f -> {
            return new Preparation.NotReady(IMAGES_READY, f.reason(), f.text(), false);
          }
          case Prepared p -> sources.putAll(p.planned());
        }
      }
    }
    var nics = new LinkedHashMap<String, PlanRequest.Nic>();
    var interfaces = status.interfaces() == null ? List.<InterfaceStatus>of() : status.interfaces();
    for (InterfaceStatus i : interfaces) {
      String[] network = String.valueOf(i.network()).split("/", 2);
      nics.put(
          i.name(),
          new PlanRequest.Nic(
              DomainNames.network(network[0], network[network.length - 1]),
              String.valueOf(i.mac()),
              String.valueOf(i.target())));
    }
    String file = NOT_LOOKED_AT.source().path();
    return plan(
        vm,
        spec,
        status,
        new Prepared(new LinkedHashMap<>(), file, file, file, file),
        sources,
        new NetworkOutcome.Ready(nics, interfaces));
  }

  private Preparation plan(
      StoredObject vm,
      VirtualMachineSpec spec,
      VirtualMachineStatus status,
      Prepared p,
      Map<String, PlanRequest.DiskSource> sources,
      NetworkOutcome.Ready network) {
    HostCapabilities host = hypervisor.capabilities();
    var request =
        new PlanRequest(
            vm.namespace(),
            vm.name(),
            vm.uid(),
            0,
            spec,
            host,
            status.hardware(),
            new PlanRequest.Resolved(
                sources,
                network.nics(),
                p.cloudInitSeed(),
                p.kernel(),
                p.initrd(),
                p.loader(),
                new MachineFiles(vmDirectory.resolve(vm.uid()).toString())));
    return switch (planner.plan(request)) {
      case PlanResult.Refused r ->
          new Preparation.NotReady(READY, Reason.Unsupported, r.text(), false);
      case PlanResult.Planned planned ->
          new Preparation.Ready(
              planned.plan(),
              planner.hardware(planned.plan()),
              network.interfaces(),
              disks(p, planned.plan()),
              acceleration(planned.plan(), spec, host),
              new Guard(vm, p.disks().values()));
    };
  }

  private final class Guard implements Preparation.DiskGuard {
    private final StoredObject vm;
    private final Collection<ResolvedDisk> resolved;

    Guard(StoredObject vm, Collection<ResolvedDisk> resolved) {
      this.vm = vm;
      this.resolved = resolved;
    }

    @Override
    public Optional<String> claim() {
      try {
        return locks
            .claim(vm.uid(), vm.namespace() + "/" + vm.name(), resolved)
            .map(c -> "disks[" + c.disk() + "] " + c.message());
      } catch (IOException e) {
        return Optional.of("the disks cannot be locked: " + e.getMessage());
      }
    }

    @Override
    public List<String> missing(int pid) {
      return OpenDisks.HOST.missing(pid, resolved);
    }
  }

  private static String acceleration(
      MachinePlan plan, VirtualMachineSpec spec, HostCapabilities host) {
    if (plan.virtualization() == Virtualization.KVM) {
      return "runs on KVM";
    }
    return spec.hypervisor() == VirtualMachineSpec.HypervisorType.QEMU
        ? "emulated, as hypervisor: QEMU asks"
        : "emulated, which is slow: " + host.kvm().why();
  }

  private static List<DiskStatus> disks(Prepared p, MachinePlan plan) {
    var all = new ArrayList<DiskStatus>();
    for (DevicePlan.Disk d : plan.devices(DevicePlan.Disk.class)) {
      String name = d.name().substring(d.name().indexOf('/') + 1);
      ResolvedDisk r = p.disks().get(name);
      all.add(
          new DiskStatus(
              name,
              d.target(),
              d.source() == null ? null : d.source().path(),
              r == null ? null : Quantity.ofBytes(r.virtualSize()).text(),
              d.source() == null ? null : d.source().format().equals("qcow2") ? "QCOW2" : "Raw",
              r == null ? null : r.imageDigest()));
    }
    return all;
  }

  @Override
  public void starting(StoredObject vm) {
    var files = new MachineFiles(vmDirectory.resolve(vm.uid()).toString());
    for (DevicePlan.Console.Kind kind : DevicePlan.Console.Kind.values()) {
      try {
        PreviousBoot.setAside(Path.of(files.log(kind)), Path.of(files.previousLog(kind)));
      } catch (IOException e) {
        // The log is not worth a guest that does not start.
        Log.warn("console", "the log of the boot before is lost", "why", String.valueOf(e));
      }
    }
  }

  @Override
  public void adopted(StoredObject vm, VirtualMachineSpec spec, int pid) {
    boolean shared =
        SpecDefaults.disks(spec).stream().anyMatch(d -> d.access() == Disk.Access.Shared);
    try {
      locks.adopt(vm.uid(), vm.namespace() + "/" + vm.name(), pid, shared);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void released(StoredObject vm) {
    try {
      locks.release(vm.uid());
      disks.release(vm.uid());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void deleted(StoredObject vm, VirtualMachineSpec spec) {
    networks.deleted(vm);
    try {
      disks.delete(vm.uid(), vm.namespace(), vm.name(), spec);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
