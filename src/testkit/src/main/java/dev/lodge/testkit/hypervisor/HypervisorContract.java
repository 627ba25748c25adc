package dev.lodge.testkit.hypervisor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.lodge.domain.hypervisor.ConsoleInput;
import dev.lodge.domain.hypervisor.DomainId;
import dev.lodge.domain.hypervisor.DomainState;
import dev.lodge.domain.hypervisor.DomainState.Power;
import dev.lodge.domain.hypervisor.Hypervisor;
import dev.lodge.domain.hypervisor.HypervisorEvent;
import dev.lodge.domain.hypervisor.HypervisorEvent.DomainEnded.How;
import dev.lodge.domain.hypervisor.HypervisorException;
import dev.lodge.domain.hypervisor.HypervisorFailure;
import dev.lodge.domain.hypervisor.NetworkState;
import dev.lodge.domain.machine.DevicePlan;
import dev.lodge.domain.machine.MachinePlan;
import dev.lodge.domain.machine.NetworkPlan;
import dev.lodge.testkit.plan.Plans;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What every hypervisor does. Names are new in each test, because some hypervisors are shared with
 * other tests and other people; what a test has made it removes.
 */
public abstract class HypervisorContract {
  private static final AtomicInteger NUMBERS = new AtomicInteger();
  private static final String MAC = "52:54:00:1d:9e:01";

  private final List<DomainId> started = new ArrayList<>();
  private final List<String> networks = new ArrayList<>();
  private final List<HypervisorEvent> events = new CopyOnWriteArrayList<>();

  /** The hypervisor under test. */
  protected abstract Hypervisor hypervisor();

  /** What it can do beyond what all can. */
  protected abstract Set<Ability> abilities();

  /** The smallest guest, with a serial console. */
  protected abstract Plans guest(String name);

  /** A guest that heeds the power button and asks for an address; only with those abilities. */
  protected abstract Plans livelyGuest(String name);

  /** Waits until that guest has come up. */
  protected abstract void awaitLively(MachinePlan plan);

  /** Somebody else's domain of this libvirt name, running; removed by {@link #removeForeign}. */
  protected abstract DomainId addForeignDomain(String libvirtName);

  /** Somebody else's network. */
  protected abstract void addForeignNetwork(String libvirtName);

  /** Removes both. */
  protected abstract void removeForeign();

  /** A medium that a CD-ROM drive can take. */
  protected abstract String medium();

  /** The text that shows that the guest has read it. */
  protected abstract String typed(MachinePlan plan, DevicePlan.Console console);

  /** Whether the drive of {@link Plans#cdrom} now holds this. */
  protected boolean holds(DomainId id, String path) {
    return hypervisor().liveXml(id).contains(path);
  }

  /** Whether the cable is out. */
  protected boolean unplugged(DomainId id) {
    return hypervisor().liveXml(id).contains("<link state='down'/>");
  }

  /** Lets a little time pass. */
  protected abstract void pause();

  /** How long a guest may take for something. */
  protected Duration patience() {
    return Duration.ofSeconds(60);
  }

  @BeforeEach
  final void listen() {
    hypervisor().listen(events::add);
  }

  @AfterEach
  final void removeEverything() {
    started.forEach(id -> hypervisor().destroy(id));
    networks.forEach(n -> hypervisor().removeNetwork(n));
    removeForeign();
  }

  @Test
  void aStartedGuestRunsAndIsFoundByNameAndInTheList() {
    MachinePlan plan = guest(name()).plan();

    DomainState state = start(plan);

    assertThat(state.power()).isEqualTo(Power.RUNNING);
    assertThat(state.id().name()).isEqualTo(plan.identity().domainName());
    assertThat(state.id().uuid()).isEqualTo(plan.identity().uuid());
    assertThat(state.owner())
        .isEqualTo(
            new DomainState.Owner(
                plan.identity().namespace(),
                plan.identity().name(),
                plan.identity().uid(),
                plan.identity().epoch()));
    assertThat(hypervisor().find(plan.identity().domainName()))
        .get()
        .satisfies(
            found -> {
              assertThat(found.id()).isEqualTo(state.id());
              assertThat(found.owner()).isEqualTo(state.owner());
              assertThat(found.power()).isEqualTo(Power.RUNNING);
              assertThat(found.pid()).isEqualTo(state.pid());
            });
    assertThat(hypervisor().list()).extracting(DomainState::id).contains(state.id());
    awaitEvent(state.id(), "started");
  }

  @Test
  void aListenerFirstHearsThatThereIsAConnection() {
    await("the first event", () -> !events.isEmpty());

    assertThat(events.getFirst()).isEqualTo(new HypervisorEvent.Connected());
  }

  @Test
  void whatIsNotThereIsNotFound() {
    DomainId nobody =
        new DomainId(Plans.identity(name()).domainName(), Plans.identity(name()).uuid());

    assertThat(hypervisor().find(nobody.name())).isEmpty();
    assertThat(failureOf(() -> hypervisor().suspend(nobody)))
        .isInstanceOf(HypervisorFailure.NotFound.class);
    assertThat(failureOf(() -> hypervisor().shutdown(nobody)))
        .isInstanceOf(HypervisorFailure.NotFound.class);
    assertThat(failureOf(() -> hypervisor().details(nobody)))
        .isInstanceOf(HypervisorFailure.NotFound.class);
    assertThatCode(() -> hypervisor().destroy(nobody)).doesNotThrowAnyException();
    assertThatCode(() -> hypervisor().removeNetwork("lodge-nobody")).doesNotThrowAnyException();
  }

  @Test
  void aSecondGuestOfTheSameNameIsRefusedAndTheFirstRunsOn() {
    MachinePlan plan = guest(name()).plan();
    DomainState first = start(plan);

    HypervisorFailure failure = failureOf(() -> hypervisor().start(plan));

    assertThat(failure).isInstanceOf(HypervisorFailure.AlreadyExists.class);
    assertThat(hypervisor().find(first.id().name()))
        .get()
        .extracting(DomainState::power, DomainState::pid)
        .containsExactly(Power.RUNNING, first.pid());
  }

  @Test
  void aSecondGuestOfTheSameUuidIsRefused() {
    MachinePlan plan = guest(name()).plan();
    start(plan);
    MachinePlan other = guest(name()).uuid(plan.identity().uuid()).plan();

    HypervisorFailure failure = failureOf(() -> hypervisor().start(other));

    assertThat(failure).isInstanceOf(HypervisorFailure.AlreadyExists.class);
    assertThat(hypervisor().find(other.identity().domainName())).isEmpty();
  }

  @Test
  void aDestroyedGuestIsGoneAndItsEndIsTold() {
    MachinePlan plan = guest(name()).plan();
    DomainState state = start(plan);

    hypervisor().destroy(state.id());

    assertThat(hypervisor().find(state.id().name())).isEmpty();
    await(
        "its end",
        () -> events.contains(new HypervisorEvent.DomainEnded(state.id(), How.DESTROYED)));
    assertThatCode(() -> hypervisor().destroy(state.id())).doesNotThrowAnyException();
    if (abilities().contains(Ability.LAST_END)) {
      assertThat(hypervisor().lastEnd(state.id().name())).isEqualTo(How.DESTROYED);
    }
  }

  @Test
  void aCallMeetsOnlyTheGuestThatHasBothNameAndUuid() {
    DomainState state = start(guest(name()).plan());
    DomainId other = new DomainId(state.id().name(), Plans.identity(name()).uuid());

    hypervisor().destroy(other);

    assertThat(failureOf(() -> hypervisor().suspend(other)))
        .isInstanceOf(HypervisorFailure.NotFound.class);
    assertThat(hypervisor().find(state.id().name()))
        .get()
        .extracting(DomainState::power)
        .isEqualTo(Power.RUNNING);
  }

  @Test
  void aGuestIsPausedAndRunsOnAndTwiceIsNoFailure() {
    DomainState state = start(guest(name()).plan());

    hypervisor().suspend(state.id());
    hypervisor().suspend(state.id());
    Power paused = powerOf(state.id());
    hypervisor().resume(state.id());
    hypervisor().resume(state.id());

    assertThat(paused).isEqualTo(Power.PAUSED);
    assertThat(powerOf(state.id())).isEqualTo(Power.RUNNING);
    awaitEvent(state.id(), "suspended");
    awaitEvent(state.id(), "resumed");
  }

  @Test
  void aResetGuestGoesOnAsTheSameDomain() {
    DomainState state = start(guest(name()).plan());

    hypervisor().reset(state.id());

    if (abilities().contains(Ability.REBOOT_EVENT)) {
      awaitEvent(state.id(), "rebooted");
    }
    assertThat(hypervisor().find(state.id().name()))
        .get()
        .extracting(DomainState::power, DomainState::pid)
        .containsExactly(Power.RUNNING, state.pid());
  }

  @Test
  void somebodyElsesDomainIsListedAndNeverTouched() {
    MachinePlan plan = guest(name()).plan();
    DomainId foreign = addForeignDomain(plan.identity().domainName());

    List<ThrowingCallable> touches =
        List.of(
            () -> hypervisor().destroy(foreign),
            () -> hypervisor().suspend(foreign),
            () -> hypervisor().reset(foreign),
            () -> hypervisor().shutdown(foreign),
            () -> hypervisor().start(plan));

    assertThat(touches)
        .allSatisfy(
            t -> assertThat(failureOf(t)).isInstanceOf(HypervisorFailure.AlreadyExists.class));
    assertThat(hypervisor().list())
        .filteredOn(s -> s.id().equals(foreign))
        .singleElement()
        .satisfies(
            s -> {
              assertThat(s.owner()).isNull();
              assertThat(s.power()).isEqualTo(Power.RUNNING);
            });
  }

  @Test
  void aGuestShutsDownAtThePowerButton() {
    assumeTrue(abilities().contains(Ability.ACPI_SHUTDOWN));
    MachinePlan plan = livelyGuest(name()).plan();
    DomainState state = start(plan);
    awaitLively(plan);
    AtomicInteger looks = new AtomicInteger();

    // A guest that does not listen yet misses the button: it is pressed until it is heard.
    await(
        "its end",
        () -> {
          if (looks.getAndIncrement() % 100 == 0) {
            pressIfThere(state.id());
          }
          return events.contains(new HypervisorEvent.DomainEnded(state.id(), How.SHUTDOWN));
        });

    await("it is gone", () -> hypervisor().find(state.id().name()).isEmpty());
    if (abilities().contains(Ability.LAST_END)) {
      assertThat(hypervisor().lastEnd(state.id().name())).isEqualTo(How.SHUTDOWN);
    }
  }

  @Test
  void anotherMediumIsPutInAndTakenOut() {
    DomainState state = start(guest(name()).cdrom("cd", null).plan());
    if (unsupported(
        Ability.MEDIUM,
        () -> hypervisor().changeMedium(state.id(), Plans.cdromDrive("cd", medium())))) {
      return;
    }

    hypervisor().changeMedium(state.id(), Plans.cdromDrive("cd", medium()));
    boolean in = holds(state.id(), medium());
    hypervisor().changeMedium(state.id(), Plans.cdromDrive("cd", null));

    assertThat(in).isTrue();
    assertThat(holds(state.id(), medium())).isFalse();
  }

  @Test
  void theCableIsPulledAndPlugged() {
    NetworkPlan network = network(List.of());
    hypervisor().ensureNetwork(network);
    String name = name();
    MachinePlan plan = guest(name).nic("lan", network.libvirtName(), MAC).plan();
    DomainState state = start(plan);
    ThrowingCallable pull = () -> hypervisor().setLink(state.id(), nic(plan, network, false));
    if (unsupported(Ability.LINK, pull)) {
      return;
    }

    hypervisor().setLink(state.id(), nic(plan, network, false));
    boolean out = unplugged(state.id());
    hypervisor().setLink(state.id(), nic(plan, network, true));

    assertThat(out).isTrue();
    assertThat(unplugged(state.id())).isFalse();
  }

  @Test
  void whatBecameOfThePlanIsTold() {
    MachinePlan plan = guest(name()).plan();
    DomainState state = start(plan);

    assertThat(hypervisor().details(state.id()).machineType()).isEqualTo(plan.machineType());
    assertThat(hypervisor().details(state.id()).devices())
        .extracting(d -> d.alias())
        .containsAll(
            plan.devices(DevicePlan.Console.class).stream().map(DevicePlan::alias).toList());
    assertThat(hypervisor().liveXml(state.id())).contains(state.id().name(), state.id().uuid());
  }

  @Test
  void aNetworkIsMadeOnceAndListedAndRemoved() {
    NetworkPlan plan = network(List.of());

    NetworkState made = hypervisor().ensureNetwork(plan);
    NetworkState again = hypervisor().ensureNetwork(plan);

    assertThat(made).isEqualTo(new NetworkState(plan.libvirtName(), plan.uid(), plan.bridge()));
    assertThat(again).isEqualTo(made);
    assertThat(hypervisor().networks()).contains(made);
    hypervisor().removeNetwork(plan.libvirtName());
    assertThat(hypervisor().networks()).doesNotContain(made);
    assertThatCode(() -> hypervisor().removeNetwork(plan.libvirtName())).doesNotThrowAnyException();
  }

  @Test
  void aNetworksStaticLeasesAreChangedWhileItRuns() {
    NetworkPlan plan = network(List.of());
    hypervisor().ensureNetwork(plan);
    NetworkPlan.Host a = new NetworkPlan.Host(MAC, "10.20.77.10", "a");
    NetworkPlan.Host b = new NetworkPlan.Host("52:54:00:1d:9e:02", "10.20.77.11", "b");
    NetworkPlan.Host moved = new NetworkPlan.Host(MAC, "10.20.77.11", "a");
    if (unsupported(Ability.LIVE_LEASES, () -> hypervisor().ensureNetwork(with(plan, a)))) {
      return;
    }

    for (List<NetworkPlan.Host> hosts :
        List.of(List.of(a), List.of(a, b), List.of(moved), List.<NetworkPlan.Host>of())) {
      NetworkState state = hypervisor().ensureNetwork(plan.withHosts(hosts));
      assertThat(state.libvirtName()).isEqualTo(plan.libvirtName());
    }
  }

  @Test
  void somebodyElsesNetworkIsNeverTouched() {
    NetworkPlan plan = network(List.of());
    addForeignNetwork(plan.libvirtName());

    List<ThrowingCallable> touches =
        List.of(
            () -> hypervisor().ensureNetwork(plan),
            () -> hypervisor().removeNetwork(plan.libvirtName()));

    assertThat(touches)
        .allSatisfy(
            t -> assertThat(failureOf(t)).isInstanceOf(HypervisorFailure.AlreadyExists.class));
    assertThat(hypervisor().networks())
        .extracting(NetworkState::libvirtName)
        .doesNotContain(plan.libvirtName());
    networks.remove(plan.libvirtName());
  }

  @Test
  void aGuestIsGivenTheAddressThatIsItsOwnEvenIfItWasAnothersBefore() {
    assumeTrue(abilities().contains(Ability.DHCP));
    NetworkPlan.Host before = new NetworkPlan.Host("52:54:00:1d:9e:02", "10.20.77.20", "somebody");
    NetworkPlan empty = network(List.of());
    NetworkPlan plan = with(empty, new NetworkPlan.Host(MAC, "10.20.77.20", "lively"));
    for (NetworkPlan step : List.of(empty, with(empty, before), empty, plan)) {
      hypervisor().ensureNetwork(step);
    }

    start(livelyGuest(name()).nic("lan", plan.libvirtName(), MAC).plan());

    await("a lease", () -> !hypervisor().leases(plan.libvirtName()).isEmpty());
    assertThat(hypervisor().leases(plan.libvirtName()))
        .singleElement()
        .satisfies(
            lease -> {
              assertThat(lease.mac()).isEqualTo(MAC);
              assertThat(lease.ip()).isEqualTo("10.20.77.20");
            });
  }

  @Test
  void whatIsTypedReachesTheGuestAndTheNewestSessionHoldsTheKeyboard() throws Exception {
    MachinePlan plan = guest(name()).plan();
    DomainState state = start(plan);
    DevicePlan.Console console = plan.devices(DevicePlan.Console.class).getFirst();
    if (unsupported(Ability.CONSOLE, () -> hypervisor().openConsole(state.id(), console).close())) {
      return;
    }

    try (ConsoleInput first = hypervisor().openConsole(state.id(), console)) {
      first.send("one".getBytes(StandardCharsets.UTF_8));
      await("the first text", () -> typed(plan, console).contains("one"));
      try (ConsoleInput second = hypervisor().openConsole(state.id(), console)) {
        await("the first session's end", () -> isEnded(first));
        second.send("two".getBytes(StandardCharsets.UTF_8));
        await("the second text", () -> typed(plan, console).contains("two"));
        assertThat(isEnded(second)).isFalse();
        assertThat(failureOf(() -> first.send(new byte[] {'x'})))
            .isInstanceOf(HypervisorFailure.NotFound.class);
        hypervisor().destroy(state.id());
        await("the second session's end", () -> isEnded(second));
      }
    }
  }

  /** Starts a guest that the test's end removes. */
  protected final DomainState start(MachinePlan plan) {
    started.add(new DomainId(plan.identity().domainName(), plan.identity().uuid()));
    return hypervisor().start(plan);
  }

  /** What the call failed with. */
  protected static HypervisorFailure failureOf(ThrowingCallable call) {
    HypervisorException e = catchThrowableOfType(HypervisorException.class, call);
    assertThat(e).as("the call should fail").isNotNull();
    return e.failure();
  }

  /** All events that were told so far. */
  protected final List<HypervisorEvent> events() {
    return events;
  }

  /** Waits for a condition. */
  protected final void await(String what, BooleanSupplier condition) {
    long deadline = System.nanoTime() + patience().toNanos();
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime())
          .as("waiting for %s; events: %s", what, events)
          .isLessThan(deadline);
      pause();
    }
  }

  /** A name that no other test has. */
  protected static String name() {
    return "c" + ProcessHandle.current().pid() + "-" + NUMBERS.incrementAndGet();
  }

  private NetworkPlan network(List<NetworkPlan.Host> hosts) {
    NetworkPlan plan = Plans.network(name(), 77, hosts);
    networks.add(plan.libvirtName());
    return plan;
  }

  private static NetworkPlan with(NetworkPlan plan, NetworkPlan.Host host) {
    return plan.withHosts(List.of(host));
  }

  private static DevicePlan.Interface nic(MachinePlan plan, NetworkPlan network, boolean up) {
    return Plans.nic(plan.identity(), "lan", network.libvirtName(), MAC, up);
  }

  private void pressIfThere(DomainId id) {
    try {
      hypervisor().shutdown(id);
    } catch (HypervisorException e) {
      assertThat(e.failure())
          .isInstanceOfAny(HypervisorFailure.NotFound.class, HypervisorFailure.Busy.class);
    }
  }

  private Power powerOf(DomainId id) {
    return hypervisor().find(id.name()).orElseThrow().power();
  }

  private void awaitEvent(DomainId id, String what) {
    await(
        what + " of " + id.name(),
        () -> events.contains(new HypervisorEvent.DomainChanged(id, what)));
  }

  private static boolean isEnded(ConsoleInput console) {
    return console.ended().toCompletableFuture().isDone();
  }

  /** Whoever lacks an ability says so; then there is no more to test. */
  private boolean unsupported(Ability ability, ThrowingCallable call) {
    if (abilities().contains(ability)) {
      return false;
    }
    assertThat(failureOf(call)).isInstanceOf(HypervisorFailure.Unsupported.class);
    return true;
  }
}
