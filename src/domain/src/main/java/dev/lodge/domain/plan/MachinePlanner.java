package dev.lodge.domain.plan;

import dev.lodge.api.v1alpha1.virtualmachine.Firmware;
import dev.lodge.api.v1alpha1.virtualmachine.Machine;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineSpec;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineStatus.Hardware;
import dev.lodge.domain.hypervisor.HostCapabilities.MachineType;
import dev.lodge.domain.machine.BootPlan;
import dev.lodge.domain.machine.ClockPlan;
import dev.lodge.domain.machine.CpuPlan;
import dev.lodge.domain.machine.DevicePlan;
import dev.lodge.domain.machine.DomainNames;
import dev.lodge.domain.machine.MachineIdentity;
import dev.lodge.domain.machine.MachinePlan;
import dev.lodge.domain.machine.MachinePlan.CrashAction;
import dev.lodge.domain.machine.MachinePlan.Virtualization;
import dev.lodge.domain.plan.PlanResult.Planned;
import dev.lodge.domain.plan.PlanResult.Refused;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Plans a machine: the same request always gives the same plan, and what was pinned at the first
 * start stays as it was.
 */
public final class MachinePlanner {

  /** A plan, or all the reasons why there is none. */
  public PlanResult plan(PlanRequest request) {
    var problems = new Problems();
    VirtualMachineSpec spec = request.spec();
    Optional<Execution> execution = Execution.choose(spec, request.host(), problems);
    if (execution.isEmpty()) {
      return new Refused(problems.all());
    }
    Machine.Type chipset = SpecDefaults.machineType(spec);
    Hardware pinned = request.pinned();
    Optional<MachineType> machine =
        MachineTypes.resolve(
            chipset,
            execution.get().guest(),
            pinned == null ? null : pinned.machineType(),
            problems);
    machine.ifPresent(m -> checkCpus(spec, m, problems));
    CpuPlan cpu = CpuPlanner.plan(spec.cpu(), execution.get(), problems);
    BootPlan boot = BootPlanner.plan(request, execution.get().guest(), problems);
    List<DevicePlan> devices =
        DevicePlanner.plan(request, board(chipset), pins(chipset, pinned), problems);
    if (machine.isEmpty() || !problems.none()) {
      return new Refused(problems.all());
    }
    long memoryKib = (spec.memory().size().bytes() + 1023) / 1024;
    return new Planned(
        new MachinePlan(
            identity(request),
            execution.get().virtualization(),
            execution.get().guest().arch(),
            machine.get().name(),
            execution.get().guest().emulator(),
            memoryKib,
            tcgCacheMib(execution.get().virtualization(), memoryKib),
            cpu,
            boot,
            SpecDefaults.acpi(spec),
            SpecDefaults.apic(spec),
            clock(spec),
            onCrash(spec),
            spec.firmware() == null ? null : spec.firmware().serial(),
            devices),
        problems.remarks());
  }

  /** What to keep in {@code status.hardware} once the plan was started. */
  public Hardware hardware(MachinePlan plan) {
    return Pins.hardware(plan);
  }

  /** Addresses mean something on the chipset only on which they were given. */
  private static Pins pins(Machine.Type chipset, @Nullable Hardware pinned) {
    String type = pinned == null ? null : pinned.machineType();
    return type == null || MachineTypes.isOf(chipset, type) ? Pins.of(pinned) : Pins.none();
  }

  private static Board board(Machine.Type chipset) {
    return switch (chipset) {
      case q35 -> new PciExpress();
      case pc -> new ConventionalPci();
    };
  }

  private static void checkCpus(VirtualMachineSpec spec, MachineType machine, Problems problems) {
    int count = spec.cpu().count();
    if (count > machine.maxCpus()) {
      problems.add(
          "cpu.count",
          count + " is more than machine type " + machine.name() + " can have",
          "set it to " + machine.maxCpus() + " or less");
    }
    if (count > 1 && !SpecDefaults.apic(spec)) {
      problems.add(
          "machine.features.apic",
          "more than one CPU needs an APIC",
          "leave it out, or set cpu.count: 1");
    }
  }

  private static MachineIdentity identity(PlanRequest request) {
    Firmware firmware = request.spec().firmware();
    Hardware pinned = request.pinned();
    String uuid = request.uid();
    if (firmware != null && firmware.uuid() != null) {
      uuid = firmware.uuid();
    } else if (pinned != null && pinned.uuid() != null) {
      uuid = pinned.uuid();
    }
    return new MachineIdentity(
        request.namespace(),
        request.name(),
        request.uid(),
        DomainNames.domain(request.namespace(), request.name()),
        uuid,
        request.epoch());
  }

  /**
   * A quarter of the guest's memory, between 32 and 512 MiB: QEMU's own default lets a guest of 96
   * MiB take 250.
   */
  private static int tcgCacheMib(Virtualization virtualization, long memoryKib) {
    return switch (virtualization) {
      case KVM -> 0;
      case QEMU -> (int) Math.clamp(memoryKib / 4 / 1024, 32, 512);
    };
  }

  private static ClockPlan clock(VirtualMachineSpec spec) {
    String clock = spec.machine() == null ? null : spec.machine().clock();
    return switch (clock) {
      case null -> new ClockPlan.Utc();
      case "UTC" -> new ClockPlan.Utc();
      case "Localtime" -> new ClockPlan.Localtime();
      default -> new ClockPlan.Zone(clock);
    };
  }

  private static CrashAction onCrash(VirtualMachineSpec spec) {
    Machine.OnCrash wish = spec.machine() == null ? null : spec.machine().onCrash();
    return switch (wish) {
      case null -> CrashAction.RESTART;
      case Restart -> CrashAction.RESTART;
      case Preserve -> CrashAction.PRESERVE;
      case Stop -> CrashAction.DESTROY;
    };
  }
}
