package dev.lodge.agent.libvirt;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lodge.domain.hypervisor.DomainId;
import dev.lodge.domain.hypervisor.Hypervisor;
import dev.lodge.domain.hypervisor.HypervisorFailure;
import dev.lodge.domain.machine.DevicePlan;
import dev.lodge.domain.machine.MachinePlan;
import dev.lodge.libvirtxml.DomainXml;
import dev.lodge.testkit.hypervisor.Ability;
import dev.lodge.testkit.hypervisor.HypervisorContract;
import dev.lodge.testkit.plan.Plans;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

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
    assertThat(libvirt.awaitConnection(Duration.ofSeconds(10))).isTrue();
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

  @Test
  void whatThisLibvirtDoesNotKnowIsRefusedAndNotDropped() throws Exception {
    try (LibvirtHypervisor strict =
        new LibvirtHypervisor(
            LibvirtConfig.of(URI),
            CallObserver.NONE,
            plan ->
                DomainXml.render(plan)
                    .replaceFirst("^<domain type=\"(kvm|qemu)\"", "<domain type=\"test\"")
                    .replace("<devices>", "<devices><no-such-device/>"))) {
      assertThat(strict.awaitConnection(Duration.ofSeconds(10))).isTrue();
      MachinePlan plan = guest(name()).plan();

      HypervisorFailure failure = failureOf(() -> strict.start(plan));

      assertThat(failure).isInstanceOf(HypervisorFailure.InvalidDefinition.class);
      assertThat(strict.find(plan.identity().domainName())).isEmpty();
    }
  }

  @Test
  void everyCallIsObservedWithItsFailure() throws Exception {
    List<String> seen = new CopyOnWriteArrayList<>();
    try (LibvirtHypervisor observed =
        new LibvirtHypervisor(
            LibvirtConfig.of(URI),
            (call, nanos, failure) ->
                seen.add(
                    call + (failure == null ? "" : " " + failure.getClass().getSimpleName())))) {
      assertThat(observed.awaitConnection(Duration.ofSeconds(10))).isTrue();

      observed.list();
      failureOf(() -> observed.suspend(new DomainId("nobody", Plans.identity("x").uuid())));
    }

    assertThat(seen).containsExactly("list", "suspend NotFound");
  }

  @Test
  void aDomainThatEndsWhileItIsListedIsLeftOut() throws Exception {
    AtomicBoolean over = new AtomicBoolean();
    try (ExecutorService other = Executors.newSingleThreadExecutor()) {
      Future<Integer> churn =
          other.submit(
              () -> {
                int rounds = 0;
                for (; !over.get(); rounds++) {
                  foreign.domain(name());
                  foreign.removeAll();
                }
                return rounds;
              });
      // Their metadata is read after the list was taken; some are gone by then.
      try {
        for (int i = 0; i < 3000; i++) {
          assertThat(libvirt.list()).isNotEmpty();
        }
      } finally {
        over.set(true);
      }
      assertThat(churn.get()).isPositive();
    }
  }

  @Test
  void afterCloseEachCallSaysSo() throws Exception {
    LibvirtHypervisor closed = new LibvirtHypervisor(LibvirtConfig.of(URI), CallObserver.NONE);
    assertThat(closed.awaitConnection(Duration.ofSeconds(10))).isTrue();

    closed.close();
    closed.close();

    assertThat(failureOf(closed::list)).isInstanceOf(HypervisorFailure.Unavailable.class);
  }

  @Test
  void nothing_is_remembered_of_domains_that_have_ended() throws Exception {
    int before = libvirt.remembered();
    for (int i = 0; i < 3; i++) {
      MachinePlan plan = Plans.tiny("forgotten-" + i).noConsole().plan();
      DomainId id = libvirt.start(plan).id();
      assertThat(libvirt.find(id.name())).isPresent();
      libvirt.destroy(id);
    }

    Instant deadline = Instant.now().plusSeconds(10);
    while (libvirt.remembered() > before) {
      assertThat(Instant.now()).as("%d remembered", libvirt.remembered()).isBefore(deadline);
      Thread.onSpinWait();
    }
  }
}
