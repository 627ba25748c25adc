package dev.lodge.agent.libvirt;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lodge.domain.hypervisor.DomainId;
import dev.lodge.domain.hypervisor.DomainState;
import dev.lodge.domain.hypervisor.HostCapabilities;
import dev.lodge.domain.hypervisor.Hypervisor;
import dev.lodge.domain.hypervisor.HypervisorEvent;
import dev.lodge.domain.hypervisor.HypervisorEvent.DomainEnded.How;
import dev.lodge.domain.hypervisor.HypervisorFailure;
import dev.lodge.domain.machine.DevicePlan;
import dev.lodge.domain.machine.MachinePlan;
import dev.lodge.testkit.hypervisor.Ability;
import dev.lodge.testkit.hypervisor.HypervisorContract;
import dev.lodge.testkit.plan.Plans;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The contract on real libvirt and QEMU, and what only they do. */
class QemuContractIT extends HypervisorContract {
  private static RealHost host;
  private static LibvirtHypervisor libvirt;
  private static Foreign foreign;

  @BeforeAll
  static void connect() throws Exception {
    host = RealHost.orSkip();
    libvirt =
        new LibvirtHypervisor(
            LibvirtConfig.of(host.uri()).networks(host.files().resolve("networks")),
            CallObserver.NONE);
    assertThat(libvirt.awaitConnection(Duration.ofSeconds(60))).isTrue();
    foreign = new Foreign(host.uri(), "qemu");
    Files.write(host.files().resolve("medium.iso"), new byte[64 << 10]);
  }

  @AfterAll
  static void close() throws Exception {
    if (libvirt != null) {
      libvirt.close();
      foreign.close();
      host.close();
    }
  }

  @Override
  protected Hypervisor hypervisor() {
    return libvirt;
  }

  @Override
  protected Set<Ability> abilities() {
    return EnumSet.allOf(Ability.class);
  }

  @Override
  protected Plans guest(String name) {
    return host.tiny(name);
  }

  @Override
  protected Plans livelyGuest(String name) {
    return host.mini(name);
  }

  @Override
  protected void awaitLively(MachinePlan plan) {
    await("the guest's boot", () -> RealHost.said(plan).contains("GUEST-READY"));
  }

  @Override
  protected DomainId addForeignDomain(String libvirtName) {
    return foreign.domain(libvirtName);
  }

  @Override
  protected void addForeignNetwork(String libvirtName) {
    foreign.network(libvirtName);
  }

  @Override
  protected void removeForeign() {
    foreign.removeAll();
  }

  @Override
  protected String medium() {
    return host.files().resolve("medium.iso").toString();
  }

  /** The tiny guest echoes. */
  @Override
  protected String typed(MachinePlan plan, DevicePlan.Console console) {
    return RealHost.said(plan).replace("\r\n", "");
  }

  @Override
  protected void pause() {
    Pause.briefly();
  }

  @Test
  void aStartedGuestIsAProcessThatWritesItsConsole() {
    MachinePlan plan = guest(name()).plan();

    DomainState state = start(plan);

    assertThat(ProcessHandle.of(state.pid()))
        .get()
        .satisfies(p -> assertThat(p.info().command().orElse("")).contains("qemu-system"));
    await("its marker", () -> RealHost.said(plan).contains("LODGE-TINY-OK"));
  }

  @Test
  void aQemuThatDiesAtOnceLeavesItsLastWords() {
    MachinePlan plan = guest(name()).rom(host.files() + "/no-such.rom").plan();
    MachinePlan badCpu = guest(name()).cpu("no-such-model").plan();

    HypervisorFailure noRom = failureOf(() -> start(plan));
    HypervisorFailure noCpu = failureOf(() -> start(badCpu));

    assertThat(noRom.message()).contains("no-such.rom");
    assertThat(noCpu.message()).contains("no-such-model");
    assertThat(libvirt.find(plan.identity().domainName())).isEmpty();
  }

  @Test
  void aQemuThatRefusesItsMachineIsQuoted() throws Exception {
    // An empty file: libvirt takes it, QEMU does not.
    Path empty = Files.createFile(host.files().resolve(name() + ".rom"));
    MachinePlan plan = guest(name()).rom(empty.toString()).plan();

    HypervisorFailure failure = failureOf(() -> start(plan));

    assertThat(failure)
        .isInstanceOfSatisfying(
            HypervisorFailure.StartFailed.class,
            f ->
                assertThat(f.lastWords())
                    .contains(empty.toString())
                    .doesNotContain("qemu-system-i386:")
                    .doesNotContainPattern("^\\d{4}-"));
    assertThat(libvirt.lastEnd(plan.identity().domainName())).isEqualTo(How.CRASHED);
  }

  @Test
  void aKilledQemuIsSeenAndGone() {
    MachinePlan plan = guest(name()).plan();
    DomainState state = start(plan);

    ProcessHandle.of(state.pid()).orElseThrow().destroyForcibly();

    await(
        "its end",
        () -> events().contains(new HypervisorEvent.DomainEnded(state.id(), How.CRASHED)));
    assertThat(libvirt.find(state.id().name()).filter(DomainState::active)).isEmpty();
    assertThat(libvirt.lastEnd(state.id().name())).isEqualTo(How.CRASHED);
  }

  @Test
  void aHostTellsWhatItCanRun() {
    HostCapabilities can = libvirt.capabilities();

    assertThat(can.cpus()).isPositive();
    assertThat(can.memoryKib()).isGreaterThan(1 << 20);
    assertThat(can.hostUuid()).hasSize(36);
    assertThat(can.libvirtVersion()).matches("\\d+\\.\\d+\\.\\d+");
    assertThat(can.hypervisorVersion()).matches("\\d+\\.\\d+\\.\\d+");
    HostCapabilities.Guest guest = can.guest("x86_64", "QEMU").orElseThrow();
    assertThat(Path.of(guest.emulator())).isExecutable();
    assertThat(guest.machines())
        .extracting(HostCapabilities.MachineType::name)
        .contains("q35", "pc");
    assertThat(guest.cpuModels()).isNotEmpty();
    assertThat(can.kvm().why()).isNotBlank();
    assertThat(can.guest("x86_64", "KVM").isPresent()).isEqualTo(can.kvm().present());
  }
}
