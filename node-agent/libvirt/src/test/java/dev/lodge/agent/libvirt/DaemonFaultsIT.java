package dev.lodge.agent.libvirt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.lodge.domain.hypervisor.DomainState;
import dev.lodge.domain.hypervisor.HypervisorEvent;
import dev.lodge.domain.hypervisor.HypervisorException;
import dev.lodge.domain.hypervisor.HypervisorFailure;
import dev.lodge.domain.machine.MachinePlan;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** libvirtd restarts, hangs, dies and is missing; its guests run on. */
class DaemonFaultsIT {
  private static final Duration SOON = Duration.ofSeconds(60);
  private static final Duration QUICK = Duration.ofSeconds(2);
  private static final AtomicInteger NUMBERS = new AtomicInteger();
  private static RealHost host;
  private static Node node;

  private final List<HypervisorEvent> events = new CopyOnWriteArrayList<>();
  private LibvirtHypervisor libvirt;

  @BeforeAll
  static void bringUp() throws Exception {
    host = RealHost.orSkip();
    node = Node.up("libvirt-it");
  }

  @AfterAll
  static void takeDown() throws Exception {
    if (node != null) {
      node.close();
      host.close();
    }
  }

  @BeforeEach
  void connect() throws Exception {
    libvirt =
        new LibvirtHypervisor(
            node.config().deadlines(QUICK, Duration.ofSeconds(20)), CallObserver.NONE);
    libvirt.listen(events::add);
    assertThat(libvirt.awaitConnection(SOON)).isTrue();
  }

  @AfterEach
  void close() {
    Pause.until("a connection", SOON, this::connected);
    for (DomainState d : libvirt.list()) {
      libvirt.destroy(d.id());
    }
    libvirt.close();
  }

  @Test
  void aRestartedDaemonHasTheSameGuestsAndIsFoundAgain() {
    List<DomainState> before = List.of(start(), start());

    node.stopDaemon("TERM");
    Pause.until("the loss", SOON, () -> !connected());
    node.startDaemon();
    Pause.until("the connection", SOON, this::connected);

    // The reason may be told more than once: first what was seen, then why it lasts.
    List<HypervisorEvent> heard = connectionEvents();
    assertThat(heard.getFirst()).isInstanceOf(HypervisorEvent.Connected.class);
    assertThat(heard.getLast()).isInstanceOf(HypervisorEvent.Connected.class);
    assertThat(heard.subList(1, heard.size() - 1))
        .isNotEmpty()
        .allMatch(e -> e instanceof HypervisorEvent.Disconnected);
    Pause.until("both guests", SOON, () -> libvirt.list().size() == 2);
    assertThat(libvirt.list())
        .allSatisfy(d -> assertThat(d.power()).isEqualTo(DomainState.Power.RUNNING))
        .extracting(DomainState::id, DomainState::pid, DomainState::owner)
        .containsExactlyInAnyOrderElementsOf(
            before.stream()
                .map(d -> org.assertj.core.groups.Tuple.tuple(d.id(), d.pid(), d.owner()))
                .toList());
    libvirt.suspend(before.getFirst().id());
    Pause.until(
        "events on the new connection",
        SOON,
        () ->
            events.contains(
                new HypervisorEvent.DomainChanged(before.getFirst().id(), "suspended")));
  }

  @Test
  void whileTheDaemonIsGoneEachCallSaysSoAtOnce() {
    MachinePlan plan = plan();
    node.stopDaemon("KILL");
    Pause.until("the loss", SOON, () -> !connected());

    long begin = System.nanoTime();
    HypervisorFailure list = failureOf(libvirt::list);
    HypervisorFailure start = failureOf(() -> libvirt.start(plan));
    Duration took = Duration.ofNanos(System.nanoTime() - begin);
    node.startDaemon();

    assertThat(list).isInstanceOf(HypervisorFailure.Unavailable.class);
    assertThat(start).isInstanceOf(HypervisorFailure.Unavailable.class);
    assertThat(took).isLessThan(QUICK);
  }

  @Test
  void aGuestThatDiedWhileTheDaemonWasGoneIsNotActive() {
    DomainState state = start();

    node.stopDaemon("KILL");
    Pause.until("the loss", SOON, () -> !connected());
    node.kill(state.pid());
    node.startDaemon();
    Pause.until("the connection", SOON, this::connected);

    Pause.until(
        "its end",
        SOON,
        () -> libvirt.find(state.id().name()).filter(DomainState::active).isEmpty());
  }

  @Test
  void callsOfADaemonThatHangsEndByTheirDeadlineAndLeaveNoThread() throws Exception {
    DomainState state = start();
    Resources before = Resources.now();
    List<HypervisorFailure> failures = new ArrayList<>();

    node.signalDaemon("STOP");
    long begin = System.nanoTime();
    try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<HypervisorFailure>> calls = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        Callable<HypervisorFailure> call = () -> failureOf(libvirt::list);
        calls.add(callers.submit(call));
      }
      for (Future<HypervisorFailure> call : calls) {
        failures.add(call.get());
      }
    }
    Duration took = Duration.ofNanos(System.nanoTime() - begin);
    node.signalDaemon("CONT");
    Pause.until("the connection", SOON, this::connected);

    assertThat(took).isLessThan(QUICK.multipliedBy(3));
    assertThat(failures)
        .allMatch(
            f ->
                f instanceof HypervisorFailure.TimedOut
                    || f instanceof HypervisorFailure.Unavailable
                    || f instanceof HypervisorFailure.Busy)
        .anyMatch(f -> f instanceof HypervisorFailure.TimedOut);
    assertThat(libvirt.list()).extracting(DomainState::id).containsExactly(state.id());
    // A new slow connection, so that what is compared holds the same connections as before.
    libvirt.destroy(state.id());
    Pause.until(
        "threads and descriptors as before, not " + Resources.now() + " but " + before,
        SOON,
        () ->
            Resources.now().threads() <= before.threads() + 4
                && Resources.now().descriptors() <= before.descriptors());
  }

  @Test
  void aDaemonThatHangsIsNoticedWithoutAnyCall() throws Exception {
    try (LibvirtHypervisor attentive =
        new LibvirtHypervisor(
            new LibvirtConfig(
                node.config().uri(),
                node.config().logs(),
                node.config().pids(),
                null,
                QUICK,
                QUICK,
                Duration.ofSeconds(1),
                5),
            CallObserver.NONE)) {
      List<HypervisorEvent> heard = new CopyOnWriteArrayList<>();
      assertThat(attentive.awaitConnection(SOON)).isTrue();
      attentive.listen(heard::add);

      node.signalDaemon("STOP");
      Pause.until("the loss", SOON, () -> heard.size() >= 2);
      node.signalDaemon("CONT");
      Pause.until(
          "the connection", SOON, () -> heard.getLast() instanceof HypervisorEvent.Connected);

      assertThat(heard.get(1))
          .isEqualTo(new HypervisorEvent.Disconnected("libvirtd does not answer"));
    }
  }

  @Test
  void aDaemonThatIsMissingAtFirstIsWaitedFor() throws Exception {
    node.stopDaemon("TERM");
    try (LibvirtHypervisor late = new LibvirtHypervisor(node.config(), CallObserver.NONE)) {
      List<HypervisorEvent> heard = new CopyOnWriteArrayList<>();
      late.listen(heard::add);
      Pause.until("the first news", SOON, () -> !heard.isEmpty());
      HypervisorFailure failure = failureOf(late::capabilities);

      node.startDaemon();

      assertThat(late.awaitConnection(SOON)).isTrue();
      assertThat(failure)
          .isInstanceOfSatisfying(
              HypervisorFailure.Unavailable.class,
              f -> assertThat(f.message()).contains("libvirtd does not run"));
      assertThat(heard.getFirst()).isInstanceOf(HypervisorEvent.Disconnected.class);
      assertThat(late.list()).isEmpty();
    }
  }

  private DomainState start() {
    return libvirt.start(plan());
  }

  private static MachinePlan plan() {
    return host.tiny("d" + ProcessHandle.current().pid() + "-" + NUMBERS.incrementAndGet()).plan();
  }

  private boolean connected() {
    List<HypervisorEvent> all = connectionEvents();
    return !all.isEmpty() && all.getLast() instanceof HypervisorEvent.Connected;
  }

  private List<HypervisorEvent> connectionEvents() {
    return events.stream()
        .filter(
            e ->
                e instanceof HypervisorEvent.Connected || e instanceof HypervisorEvent.Disconnected)
        .toList();
  }

  private static HypervisorFailure failureOf(
      org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
    HypervisorException e = catchThrowableOfType(HypervisorException.class, call);
    assertThat(e).as("the call should fail").isNotNull();
    return e.failure();
  }
}
