package dev.lodge.testkit.hypervisor;

import dev.lodge.domain.hypervisor.ConsoleInput;
import dev.lodge.domain.hypervisor.DhcpLease;
import dev.lodge.domain.hypervisor.DomainDetails;
import dev.lodge.domain.hypervisor.DomainId;
import dev.lodge.domain.hypervisor.DomainState;
import dev.lodge.domain.hypervisor.DomainState.Power;
import dev.lodge.domain.hypervisor.HostCapabilities;
import dev.lodge.domain.hypervisor.Hypervisor;
import dev.lodge.domain.hypervisor.HypervisorEvent;
import dev.lodge.domain.hypervisor.HypervisorEvent.DomainEnded.How;
import dev.lodge.domain.hypervisor.HypervisorException;
import dev.lodge.domain.hypervisor.HypervisorFailure;
import dev.lodge.domain.hypervisor.NetworkState;
import dev.lodge.domain.machine.DevicePlan;
import dev.lodge.domain.machine.MachinePlan;
import dev.lodge.domain.machine.NetworkPlan;
import dev.lodge.testkit.plan.Hosts;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * A hypervisor in memory that fulfils {@link HypervisorContract}: guests are only said to run. Time
 * is virtual: a guest ends {@link #SHUTDOWN_TAKES} after the power button, once the test advances
 * {@link #clock}. What goes wrong is scripted: {@link #failNext}, {@link #loseReplyOfNext}, {@link
 * #dieAtNextStart}, {@link #disconnect}; what guests do by themselves is {@link #guests}.
 *
 * <p>Events are delivered on the thread whose call or script caused them, after its effect.
 */
public final class InMemoryHypervisor implements Hypervisor {
  /** From the power button to the guest's end, in virtual time. */
  public static final Duration SHUTDOWN_TAKES = Duration.ofSeconds(2);

  private final VirtualClock clock;
  private final HostCapabilities capabilities;
  private final Faults faults = new Faults();
  private final MemoryHost host = new MemoryHost(() -> faults.disconnected() == null);
  private final MemoryGuests guests = new MemoryGuests(host);
  private final List<HypervisorCall> calls = new ArrayList<>();
  private final Deque<String> lastWords = new ArrayDeque<>();

  /** On a host whose KVM works, with a clock of its own. */
  public InMemoryHypervisor() {
    this(new VirtualClock(), Hosts.kvm());
  }

  public InMemoryHypervisor(VirtualClock clock, HostCapabilities capabilities) {
    this.clock = clock;
    this.capabilities = capabilities;
  }

  /** The time in which guests shut down and leases expire. */
  public VirtualClock clock() {
    return clock;
  }

  /** What guests do by themselves. */
  public MemoryGuests guests() {
    return guests;
  }

  /** All calls so far, in order; failed ones too. */
  public List<HypervisorCall> calls() {
    synchronized (host) {
      return List.copyOf(calls);
    }
  }

  /** The next calls of this kind fail so and do nothing. */
  public void failNext(HypervisorCall call, int times, HypervisorFailure failure) {
    faults.fail(call, times, failure);
  }

  /** The next calls of this kind are carried out, but end with {@code TimedOut}. */
  public void loseReplyOfNext(HypervisorCall call, int times) {
    faults.loseReply(call, times);
  }

  /** At the next start QEMU ends at once with these words. */
  public void dieAtNextStart(String words) {
    synchronized (host) {
      lastWords.add(words);
    }
  }

  /** The connection breaks: every call is {@code Unavailable} until {@link #reconnect}. */
  public void disconnect(String why) {
    faults.disconnect(why);
    host.emit(new HypervisorEvent.Disconnected(why));
  }

  /** The connection stands again. */
  public void reconnect() {
    faults.reconnect();
    host.emit(new HypervisorEvent.Connected());
  }

  /** A domain of somebody else's. */
  public DomainState addForeignDomain(String name, String uuid) {
    synchronized (host) {
      MemoryDomain d = new MemoryDomain(new DomainId(name, uuid), host.nextPid());
      host.domains.put(name, d);
      return d.state();
    }
  }

  /** A network of somebody else's. */
  public void addForeignNetwork(String libvirtName) {
    synchronized (host) {
      host.networks.addForeign(libvirtName);
    }
  }

  @Override
  public HostCapabilities capabilities() {
    return call(HypervisorCall.CAPABILITIES, () -> capabilities);
  }

  @Override
  public List<DomainState> list() {
    return call(
        HypervisorCall.LIST,
        () -> host.domains.values().stream().map(MemoryDomain::state).toList());
  }

  @Override
  public Optional<DomainState> find(String domainName) {
    return call(
        HypervisorCall.FIND,
        () -> Optional.ofNullable(host.domains.get(domainName)).map(MemoryDomain::state));
  }

  @Override
  public DomainState start(MachinePlan plan) {
    return call(
        HypervisorCall.START,
        () -> {
          host.refuseSecond(plan);
          for (DevicePlan.Interface nic : plan.devices(DevicePlan.Interface.class)) {
            if (!host.networks.exists(nic.network())) {
              throw new HypervisorException(
                  new HypervisorFailure.NotFound("no network '" + nic.network() + "'"));
            }
          }
          String words = lastWords.poll();
          if (words != null) {
            host.ends.put(plan.identity().domainName(), How.CRASHED);
            throw new HypervisorException(
                new HypervisorFailure.StartFailed("QEMU ended at once", words));
          }
          MemoryDomain d = new MemoryDomain(plan, host.nextPid());
          host.domains.put(d.id.name(), d);
          host.changed(d, "resumed");
          host.changed(d, "started");
          return d.state();
        });
  }

  @Override
  public void shutdown(DomainId id) {
    change(
        HypervisorCall.SHUTDOWN,
        id,
        d -> {
          if (d.plan != null && d.plan.acpi() && !host.deafToAcpi.contains(id.name())) {
            clock.after(SHUTDOWN_TAKES, () -> host.endLater(d, How.SHUTDOWN));
          }
        });
  }

  @Override
  public void destroy(DomainId id) {
    run(
        HypervisorCall.DESTROY,
        () -> {
          MemoryDomain d = host.domains.get(id.name());
          if (d != null && d.id.equals(id)) {
            host.refuseForeign(d);
            host.end(d, How.DESTROYED);
          }
        });
  }

  @Override
  public void reset(DomainId id) {
    change(
        HypervisorCall.RESET,
        id,
        d -> {
          d.resets++;
          host.changed(d, "rebooted");
        });
  }

  @Override
  public void suspend(DomainId id) {
    change(
        HypervisorCall.SUSPEND,
        id,
        d -> {
          if (d.power != Power.PAUSED) {
            d.become(Power.PAUSED, "user");
            host.changed(d, "suspended");
          }
        });
  }

  @Override
  public void resume(DomainId id) {
    change(
        HypervisorCall.RESUME,
        id,
        d -> {
          if (d.power != Power.RUNNING) {
            d.become(Power.RUNNING, "unpaused");
            host.changed(d, "resumed");
          }
        });
  }

  @Override
  public void changeMedium(DomainId id, DevicePlan.Disk cdrom) {
    change(HypervisorCall.CHANGE_MEDIUM, id, d -> replace(d, cdrom));
  }

  @Override
  public void setLink(DomainId id, DevicePlan.Interface nic) {
    change(HypervisorCall.SET_LINK, id, d -> replace(d, nic));
  }

  @Override
  public DomainDetails details(DomainId id) {
    return call(HypervisorCall.DETAILS, () -> host.domain(id).details());
  }

  @Override
  public How lastEnd(String domainName) {
    return call(HypervisorCall.LAST_END, () -> host.ends.getOrDefault(domainName, How.UNKNOWN));
  }

  @Override
  public String liveXml(DomainId id) {
    return call(HypervisorCall.LIVE_XML, () -> host.domain(id).xml());
  }

  @Override
  public ConsoleInput openConsole(DomainId id, DevicePlan.Console console) {
    return call(
        HypervisorCall.OPEN_CONSOLE,
        () -> {
          MemoryDomain d = host.domain(id);
          host.refuseForeign(d);
          if (!d.devices.containsKey(console.name())) {
            throw noDevice(id, console);
          }
          return d.consoles.computeIfAbsent(console.name(), n -> new MemoryConsole()).open();
        });
  }

  @Override
  public NetworkState ensureNetwork(NetworkPlan plan) {
    return call(
        HypervisorCall.ENSURE_NETWORK, () -> host.networks.ensure(plan, host.domains.values()));
  }

  @Override
  public List<NetworkState> networks() {
    return call(HypervisorCall.NETWORKS, host.networks::list);
  }

  @Override
  public void removeNetwork(String libvirtName) {
    run(HypervisorCall.REMOVE_NETWORK, () -> host.networks.remove(libvirtName));
  }

  @Override
  public List<DhcpLease> leases(String libvirtName) {
    return call(
        HypervisorCall.LEASES,
        () -> host.networks.leases(libvirtName, host.domains.values(), clock.instant()));
  }

  @Override
  public void listen(Consumer<HypervisorEvent> listener) {
    String why = faults.disconnected();
    listener.accept(
        why == null ? new HypervisorEvent.Connected() : new HypervisorEvent.Disconnected(why));
    host.listen(listener);
  }

  @Override
  public void close() {
    synchronized (host) {
      host.domains.values().forEach(d -> d.consoles.values().forEach(MemoryConsole::end));
    }
    host.forget();
    faults.disconnect("closed");
  }

  private <T> T call(HypervisorCall call, Supplier<T> body) {
    try {
      synchronized (host) {
        calls.add(call);
        return faults.around(call, body);
      }
    } finally {
      host.deliver();
    }
  }

  private void run(HypervisorCall call, Runnable body) {
    Object unused =
        call(
            call,
            () -> {
              body.run();
              return Optional.empty();
            });
  }

  private void change(HypervisorCall call, DomainId id, Consumer<MemoryDomain> body) {
    run(
        call,
        () -> {
          MemoryDomain d = host.domain(id);
          host.refuseForeign(d);
          body.accept(d);
        });
  }

  private static void replace(MemoryDomain d, DevicePlan device) {
    if (d.devices.replace(device.name(), device) == null) {
      throw noDevice(d.id, device);
    }
  }

  private static HypervisorException noDevice(DomainId id, DevicePlan device) {
    return new HypervisorException(
        new HypervisorFailure.NotFound(
            "domain '%s' has no device %s".formatted(id.name(), device.name())));
  }
}
