package dev.lodge.agent.libvirt;

import dev.lodge.domain.hypervisor.DomainId;
import dev.lodge.domain.hypervisor.Hypervisor;
import dev.lodge.domain.machine.DevicePlan;
import dev.lodge.domain.machine.MachinePlan;
import dev.lodge.libvirtxml.DomainXml;
import dev.lodge.testkit.hypervisor.Ability;
import dev.lodge.testkit.hypervisor.HypervisorContract;
import dev.lodge.testkit.plan.Plans;
import java.util.EnumSet;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** libvirt's in-process test driver: real libvirt, real events, no QEMU. */
class TestDriverTest extends HypervisorContract {
  private static final String URI = "test:///default";
  private static LibvirtHypervisor libvirt;
  private static Foreign foreign;

  @BeforeAll
  static void connect() throws Exception {
    // The driver knows one domain type, its own.
    libvirt =
        new LibvirtHypervisor(
            LibvirtConfig.of(URI),
            CallObserver.NONE,
            plan ->
                DomainXml.render(plan)
                    .replaceFirst("^<domain type=\"(kvm|qemu)\"", "<domain type=\"test\""));
    foreign = new Foreign(URI, "test");
  }

  @AfterAll
  static void close() throws Exception {
    libvirt.close();
    foreign.close();
  }

  @Override
  protected Hypervisor hypervisor() {
    return libvirt;
  }

  @Override
  protected Set<Ability> abilities() {
    return EnumSet.of(Ability.LIVE_LEASES);
  }

  @Override
  protected Plans guest(String name) {
    return Plans.tiny(name);
  }

  @Override
  protected Plans livelyGuest(String name) {
    throw new UnsupportedOperationException("the test driver has no guests");
  }

  @Override
  protected void awaitLively(MachinePlan plan) {
    throw new UnsupportedOperationException("the test driver has no guests");
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
    return "/images/some.iso";
  }

  @Override
  protected String typed(MachinePlan plan, DevicePlan.Console console) {
    throw new UnsupportedOperationException("the test driver has no consoles");
  }

  @Override
  protected void pause() {
    Pause.briefly();
  }
}
