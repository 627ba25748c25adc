package dev.lodge.domain.plan;

import dev.lodge.api.v1alpha1.virtualmachine.Cpu;
import dev.lodge.domain.hypervisor.HostCapabilities.CpuModel;
import dev.lodge.domain.hypervisor.HostCapabilities.Guest;
import dev.lodge.domain.machine.CpuPlan;
import dev.lodge.domain.machine.CpuPlan.Mode;
import dev.lodge.domain.machine.MachinePlan.Virtualization;
import dev.lodge.domain.validation.Nearest;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Virtual CPUs: by default all that the host can give, which under emulation is {@code maximum}.
 */
final class CpuPlanner {
  private static final String PASSTHROUGH = "HostPassthrough";
  private static final String HOST_MODEL = "HostModel";
  private static final String MAXIMUM = "Maximum";

  private final Execution execution;
  private final Problems problems;

  private CpuPlanner(Execution execution, Problems problems) {
    this.execution = execution;
    this.problems = problems;
  }

  static CpuPlan plan(Cpu cpu, Execution execution, Problems problems) {
    return new CpuPlanner(execution, problems).plan(cpu);
  }

  private CpuPlan plan(Cpu cpu) {
    String wanted = Objects.requireNonNullElseGet(cpu.model(), this::byDefault);
    Guest guest = execution.guest();
    List<CpuPlan.Feature> features = features(cpu);
    CpuPlan.Topology topology = topology(cpu);
    return switch (wanted) {
      case PASSTHROUGH ->
          offered(cpu, wanted, guest.hostPassthrough(), Mode.HOST_PASSTHROUGH, features, topology);
      case HOST_MODEL ->
          offered(cpu, wanted, guest.hostModel(), Mode.HOST_MODEL, features, topology);
      case MAXIMUM -> offered(cpu, wanted, guest.maximum(), Mode.MAXIMUM, features, topology);
      default -> {
        Cpu.Check check = Objects.requireNonNullElse(cpu.check(), Cpu.Check.Partial);
        checkModel(wanted, check, features);
        yield new CpuPlan(
            cpu.count(),
            Mode.CUSTOM,
            wanted,
            check.name().toLowerCase(Locale.ROOT),
            features,
            topology);
      }
    };
  }

  private String byDefault() {
    return !emulated() && execution.guest().hostPassthrough() ? PASSTHROUGH : MAXIMUM;
  }

  private boolean emulated() {
    return execution.virtualization() == Virtualization.QEMU;
  }

  private CpuPlan offered(
      Cpu cpu,
      String wanted,
      boolean offered,
      Mode mode,
      List<CpuPlan.Feature> features,
      CpuPlan.@Nullable Topology topology) {
    if (!offered) {
      problems.add(
          "cpu.model",
          wanted + (emulated() ? " needs KVM, and this guest is emulated" : " is not offered here"),
          emulated()
              ? "leave cpu.model out, or name a model: " + usable(wanted)
              : "name a model: " + usable(wanted));
    }
    return new CpuPlan(cpu.count(), mode, null, null, features, topology);
  }

  /**
   * A named model must be known. Whether the host has all of its features, or QEMU can emulate
   * them, counts only if the user wants a check, and only if he switches no feature himself: then
   * libvirt looks at them one by one.
   */
  private void checkModel(String wanted, Cpu.Check check, List<CpuPlan.Feature> features) {
    Optional<CpuModel> model =
        execution.guest().cpuModels().stream().filter(m -> m.name().equals(wanted)).findFirst();
    if (model.isEmpty()) {
      problems.add(
          "cpu.model",
          "'" + wanted + "' is not known to the QEMU of this host for " + execution.guest().arch(),
          didYouMean(wanted)
              + "use HostPassthrough, HostModel, Maximum, or one that it can run: "
              + usable(wanted));
      return;
    }
    if (check != Cpu.Check.None && features.isEmpty() && !model.get().usable()) {
      problems.add(
          "cpu.model",
          (emulated() ? "emulation" : "this host's CPU") + " lacks features of " + wanted,
          "use one that it has: "
              + usable(wanted)
              + "; or set cpu.check: None, and the guest goes without those features");
    }
  }

  private String didYouMean(String wanted) {
    return Nearest.to(wanted, execution.guest().cpuModels().stream().map(CpuModel::name).toList())
        .map(known -> "did you mean " + known + "? ")
        .orElse("");
  }

  private String usable(String wanted) {
    return Choices.listed(
        wanted,
        execution.guest().cpuModels().stream()
            .filter(CpuModel::usable)
            .map(CpuModel::name)
            .toList());
  }

  private static List<CpuPlan.Feature> features(Cpu cpu) {
    return Objects.requireNonNullElse(cpu.features(), List.<Cpu.CpuFeature>of()).stream()
        .map(
            f ->
                new CpuPlan.Feature(
                    f.name(),
                    Objects.requireNonNullElse(f.policy(), Cpu.Policy.Require)
                        .name()
                        .toLowerCase(Locale.ROOT)))
        .toList();
  }

  private static CpuPlan.@Nullable Topology topology(Cpu cpu) {
    Cpu.Topology t = cpu.topology();
    return t == null ? null : new CpuPlan.Topology(t.sockets(), t.cores(), t.threads());
  }
}
