package dev.lodge.libvirtxml;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.MissingNode;
import dev.lodge.api.v1alpha1.virtualmachine.Disk;
import dev.lodge.api.v1alpha1.virtualmachine.Interface;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineSpec;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineStatus.Hardware;
import dev.lodge.domain.hypervisor.HostCapabilities;
import dev.lodge.domain.machine.DeviceAddress;
import dev.lodge.domain.machine.DevicePlan;
import dev.lodge.domain.machine.MachinePlan;
import dev.lodge.domain.plan.MachinePlanner;
import dev.lodge.domain.plan.PlanResult;
import dev.lodge.domain.plan.PlanResult.Planned;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Assume;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;
import net.jqwik.api.statistics.Statistics;
import org.jspecify.annotations.Nullable;

class DomainXmlPropertyTest {
  private static final HostCapabilities KVM = TestHost.DEBIAN_12.withKvm();
  private static final MachinePlanner PLANNER = new MachinePlanner();
  private static final List<Path> RENDERED = new ArrayList<>();
  private static Path folder = Path.of("");

  @BeforeContainer
  static void makeFolder() throws IOException {
    folder = Files.createTempDirectory("lodge-xml");
  }

  /** One xmllint for all of them: to load the schema takes longer than to check a domain. */
  @AfterContainer
  static void allRenderedDomainsSatisfyTheSchema() throws Exception {
    assertThat(RENDERED).hasSizeGreaterThan(100);
    assertThat(Schema.DOMAIN.complaints(RENDERED)).isEmpty();
    for (Path file : RENDERED) {
      Files.delete(file);
    }
    Files.delete(folder);
  }

  @Provide
  Arbitrary<VirtualMachineSpec> specs() {
    return Specs.any();
  }

  @Property(tries = 300)
  void a_spec_is_planned_and_rendered_or_refused_with_field_and_mend(
      @ForAll("specs") VirtualMachineSpec spec) throws IOException {
    // When
    PlanResult result = plan(spec, null);
    // Then
    Statistics.collect(result.getClass().getSimpleName());
    switch (result) {
      case Planned planned -> {
        Path file = folder.resolve(RENDERED.size() + ".xml");
        Files.writeString(file, DomainXml.render(planned.plan()));
        RENDERED.add(file);
      }
      case PlanResult.Refused refused ->
          assertThat(refused.problems())
              .isNotEmpty()
              .allSatisfy(
                  p -> {
                    assertThat(p.path()).matches("[a-zA-Z]+(\\[[a-z0-9-]+])?(\\.[a-zA-Z]+)*");
                    assertThat(p.what()).isNotBlank();
                    assertThat(p.mend()).isNotBlank();
                  });
    }
  }

  @Property(tries = 150)
  void no_two_devices_share_a_place_a_name_or_a_target(@ForAll("specs") VirtualMachineSpec spec) {
    // Given
    MachinePlan plan = planned(spec, null);
    // Then
    assertThat(plan.devices().stream().map(DevicePlan::alias)).doesNotHaveDuplicates();
    assertThat(plan.devices(DevicePlan.Disk.class).stream().map(DevicePlan.Disk::target))
        .doesNotHaveDuplicates();
    assertThat(plan.devices().stream().flatMap(d -> place(d).stream())).doesNotHaveDuplicates();
  }

  @Property(tries = 150)
  void a_machine_planned_again_from_its_pins_is_the_same(@ForAll("specs") VirtualMachineSpec spec) {
    // Given
    MachinePlan first = planned(spec, null);
    // When
    MachinePlan second = planned(spec, PLANNER.hardware(first));
    // Then
    assertThat(second).isEqualTo(first);
  }

  @Property(tries = 150)
  void a_device_that_stays_keeps_its_place_when_others_come_and_go(
      @ForAll("specs") VirtualMachineSpec before, @ForAll("specs") VirtualMachineSpec other) {
    // Given
    MachinePlan first = planned(before, null);
    VirtualMachineSpec after = exchanged(before, other);
    // When
    MachinePlan second = planned(after, PLANNER.hardware(first));
    // Then
    Map<String, DevicePlan> old = new LinkedHashMap<>();
    first.devices().forEach(d -> old.put(d.name(), d));
    for (DevicePlan device : second.devices()) {
      DevicePlan was = old.get(device.name());
      if (was != null && sort(was).equals(sort(device))) {
        assertThat(device.address()).as(device.name()).isEqualTo(was.address());
        if (was instanceof DevicePlan.Disk a && device instanceof DevicePlan.Disk b) {
          assertThat(b.target()).isEqualTo(a.target());
        }
      }
    }
    assertThat(rootPorts(second)).isGreaterThanOrEqualTo(rootPorts(first));
  }

  /** Every second disk and interface goes, and others come first. */
  private static VirtualMachineSpec exchanged(VirtualMachineSpec s, VirtualMachineSpec other) {
    List<Disk> disks = new ArrayList<>();
    for (Disk d : Optional.ofNullable(other.disks()).orElse(List.of())) {
      if (d.bus() != Disk.Bus.IDE && d.bus() != Disk.Bus.SATA && d.bus() != null) {
        disks.add(renamed(d));
      }
    }
    List<Disk> own = Optional.ofNullable(s.disks()).orElse(List.of());
    for (int i = 0; i < own.size(); i += 2) {
      disks.add(own.get(i));
    }
    List<Interface> nics = new ArrayList<>();
    for (Interface nic : Optional.ofNullable(other.interfaces()).orElse(List.of())) {
      nics.add(new Interface("new-" + nic.name(), null, nic.model(), null, null, null, null));
    }
    List<Interface> had = Optional.ofNullable(s.interfaces()).orElse(List.of());
    for (int i = 1; i < had.size(); i += 2) {
      nics.add(had.get(i));
    }
    return new VirtualMachineSpec(
        s.powerState(),
        s.restartPolicy(),
        s.hypervisor(),
        s.machine(),
        s.cpu(),
        s.memory(),
        s.firmware(),
        disks,
        nics,
        s.consoles(),
        s.graphics(),
        other.devices(),
        s.cloudInit(),
        s.stop(),
        s.placement(),
        s.onNodeLoss(),
        s.onDrain());
  }

  private static Disk renamed(Disk d) {
    return new Disk(
        "new-" + d.name(),
        d.device(),
        d.bus(),
        d.size(),
        null,
        d.source(),
        d.cloneMode(),
        d.format(),
        d.cache(),
        d.io(),
        d.discard(),
        d.onError(),
        d.serial(),
        d.access(),
        d.retain());
  }

  /** What decides which places a device can have. */
  private static String sort(DevicePlan device) {
    return switch (device) {
      case DevicePlan.Disk d -> "disk " + d.bus();
      case DevicePlan.Interface d -> "interface " + d.model();
      case DevicePlan.Controller d -> "controller " + d.type() + d.model();
      case DevicePlan.Balloon d -> "balloon " + d.present();
      default -> device.getClass().getSimpleName();
    };
  }

  private static Optional<String> place(DevicePlan device) {
    DeviceAddress address = device.address();
    if (address == null) {
      return Optional.empty();
    }
    String bus =
        device instanceof DevicePlan.Disk d && address instanceof DeviceAddress.Drive
            ? d.bus() + " "
            : "";
    return Optional.of(bus + address.text());
  }

  private static long rootPorts(MachinePlan plan) {
    return plan.devices(DevicePlan.Controller.class).stream()
        .filter(c -> DevicePlan.Controller.ROOT_PORT.equals(c.model()))
        .count();
  }

  private static MachinePlan planned(VirtualMachineSpec spec, @Nullable Hardware pinned) {
    PlanResult result = plan(spec, pinned);
    Assume.that(result instanceof Planned);
    return ((Planned) result).plan();
  }

  private static PlanResult plan(VirtualMachineSpec spec, @Nullable Hardware pinned) {
    return PLANNER.plan(
        TestManifest.request("default", "vm", spec, KVM, pinned, MissingNode.getInstance()));
  }
}
