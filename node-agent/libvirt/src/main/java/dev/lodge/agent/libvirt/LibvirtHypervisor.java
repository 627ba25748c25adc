package dev.lodge.agent.libvirt;

import dev.lodge.domain.hypervisor.ConsoleInput;
import dev.lodge.domain.hypervisor.DhcpLease;
import dev.lodge.domain.hypervisor.DomainDetails;
import dev.lodge.domain.hypervisor.DomainId;
import dev.lodge.domain.hypervisor.DomainState;
import dev.lodge.domain.hypervisor.HostCapabilities;
import dev.lodge.domain.hypervisor.Hypervisor;
import dev.lodge.domain.hypervisor.HypervisorEvent;
import dev.lodge.domain.hypervisor.HypervisorEvent.DomainEnded.How;
import dev.lodge.domain.hypervisor.NetworkState;
import dev.lodge.domain.machine.DevicePlan;
import dev.lodge.domain.machine.MachinePlan;
import dev.lodge.domain.machine.NetworkPlan;
import dev.lodge.libvirtxml.DomainXml;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The port on libvirt. It connects in the background, at once and again after every loss; without a
 * connection each call fails with the reason. Callers may be any thread, virtual ones too: what is
 * native runs on threads of its own. Nothing here needs libvirtd to be there when it is made, and
 * {@link #close} waits for nothing.
 *
 * <p>libvirt's event loop keeps one daemon thread in native code: an orderly exit of the JVM waits
 * 0.3 s for it.
 */
public final class LibvirtHypervisor implements Hypervisor {
  private final EventQueue events = new EventQueue();
  private final Connections connections;
  private final Supplier<HostCapabilities> hostFacts;
  private final Domains domains;
  private final Networks networks;
  private volatile @Nullable HostCapabilities capabilities;

  /** Connects to a host's libvirt, whose calls the observer hears of. */
  public LibvirtHypervisor(LibvirtConfig config, CallObserver observer) {
    this(config, observer, DomainXml::render);
  }

  /** With another rendering: the test driver knows neither KVM nor QEMU. */
  LibvirtHypervisor(
      LibvirtConfig config, CallObserver observer, Function<MachinePlan, String> renderer) {
    connections = new Connections(config, events);
    NativeCalls calls = new NativeCalls(config, connections, observer);
    hostFacts = () -> calls.slow("capabilities", HostFacts::read);
    domains = new Domains(calls, config, renderer);
    networks = new Networks(calls, new StaticLeases(config.networks()));
    events.listen(this::forgetWhatIsOver);
    connections.start();
  }

  /**
   * Waits for a connection, for those who cannot go on without: a command, a test.
   *
   * @return false: there was none in that time
   */
  public boolean awaitConnection(Duration atMost) throws InterruptedException {
    CountDownLatch connected = new CountDownLatch(1);
    listen(
        e -> {
          if (e instanceof HypervisorEvent.Connected) {
            connected.countDown();
          }
        });
    return connected.await(atMost.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** Asked on the connection for slow calls: a cold libvirtd probes every QEMU for seconds. */
  @Override
  public HostCapabilities capabilities() {
    HostCapabilities known = capabilities;
    if (known == null) {
      known = hostFacts.get();
      capabilities = known;
    }
    return known;
  }

  @Override
  public List<DomainState> list() {
    return domains.list();
  }

  @Override
  public Optional<DomainState> find(String domainName) {
    return domains.find(domainName);
  }

  @Override
  public DomainState start(MachinePlan plan) {
    return domains.start(plan);
  }

  @Override
  public void shutdown(DomainId id) {
    domains.shutdown(id);
  }

  @Override
  public void destroy(DomainId id) {
    domains.destroy(id);
  }

  @Override
  public void reset(DomainId id) {
    domains.reset(id);
  }

  @Override
  public void suspend(DomainId id) {
    domains.suspend(id);
  }

  @Override
  public void resume(DomainId id) {
    domains.resume(id);
  }

  @Override
  public void changeMedium(DomainId id, DevicePlan.Disk cdrom) {
    domains.changeMedium(id, cdrom);
  }

  @Override
  public void setLink(DomainId id, DevicePlan.Interface nic) {
    domains.setLink(id, nic);
  }

  @Override
  public DomainDetails details(DomainId id) {
    return domains.details(id);
  }

  @Override
  public How lastEnd(String domainName) {
    return domains.lastEnd(domainName);
  }

  @Override
  public String liveXml(DomainId id) {
    return domains.liveXml(id);
  }

  @Override
  public ConsoleInput openConsole(DomainId id, DevicePlan.Console console) {
    return domains.openConsole(id, console);
  }

  @Override
  public NetworkState ensureNetwork(NetworkPlan plan) {
    return networks.ensure(plan);
  }

  @Override
  public List<NetworkState> networks() {
    return networks.list();
  }

  @Override
  public void removeNetwork(String libvirtName) {
    networks.remove(libvirtName);
  }

  @Override
  public List<DhcpLease> leases(String libvirtName) {
    return networks.leases(libvirtName);
  }

  @Override
  public void listen(Consumer<HypervisorEvent> listener) {
    events.listen(listener);
  }

  @Override
  public void close() {
    connections.close();
    events.close();
  }

  /** The daemon may be another one, after an upgrade of it or of QEMU; a domain may be over. */
  private void forgetWhatIsOver(HypervisorEvent event) {
    switch (event) {
      case HypervisorEvent.Connected _ -> {
        capabilities = null;
        domains.connected();
      }
      case HypervisorEvent.DomainEnded e -> domains.ended(e.id());
      case HypervisorEvent.DomainChanged _, HypervisorEvent.Disconnected _ -> {}
    }
  }

  /** Of how many domains something is remembered. */
  int remembered() {
    return domains.remembered();
  }
}
