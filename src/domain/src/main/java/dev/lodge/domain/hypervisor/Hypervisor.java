package dev.lodge.domain.hypervisor;

import dev.lodge.domain.machine.DevicePlan;
import dev.lodge.domain.machine.MachinePlan;
import dev.lodge.domain.machine.NetworkPlan;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * PORT: one host's hypervisor. Calls block; callers use platform threads. Every failure is a {@link
 * HypervisorException} that carries a {@link HypervisorFailure}; "wait" is no failure.
 *
 * <p>Domains are transient: nobody but the caller can start one. Domains and networks without our
 * metadata are listed but never changed: a call that would change one fails with {@link
 * HypervisorFailure.AlreadyExists}. To suspend what is paused, or resume what runs, is no failure.
 */
public interface Hypervisor extends AutoCloseable {

  /** What the host can do; cached, refreshed after a reconnect. */
  HostCapabilities capabilities();

  /** All domains of the host, ours and others'. */
  List<DomainState> list();

  /** One domain by libvirt's name, live. Empty: there is certainly none. */
  Optional<DomainState> find(String domainName);

  /**
   * Creates the domain and returns once QEMU runs the guest.
   *
   * @throws HypervisorException {@link HypervisorFailure.AlreadyExists} if a domain has this name
   *     or UUID; {@link HypervisorFailure.StartFailed} with QEMU's own last words if it ended at
   *     once
   */
  DomainState start(MachinePlan plan);

  /** Presses the power button (ACPI); returns at once. */
  void shutdown(DomainId id);

  /** Pulls the plug; returns when QEMU is gone. A domain that is gone already is no failure. */
  void destroy(DomainId id);

  /** Presses the reset button. */
  void reset(DomainId id);

  /** Stops the virtual CPUs. */
  void suspend(DomainId id);

  /** Lets the virtual CPUs run on. */
  void resume(DomainId id);

  /** Puts another medium into a CD-ROM drive, or none. */
  void changeMedium(DomainId id, DevicePlan.Disk cdrom);

  /** Plugs or pulls the cable of an interface. */
  void setLink(DomainId id, DevicePlan.Interface nic);

  /** What libvirt made of the plan: machine type, CPU model, addresses; read once after a start. */
  DomainDetails details(DomainId id);

  /**
   * How the domain of this name ended last, from the hypervisor's own log: for an end that nobody
   * saw.
   */
  HypervisorEvent.DomainEnded.How lastEnd(String domainName);

  /** The domain's live XML, for people. */
  String liveXml(DomainId id);

  /** Input to a console; its output is in the console's log. */
  ConsoleInput openConsole(DomainId id, DevicePlan.Console console);

  /** Makes a network be as planned: creates it, or updates its static leases live. Idempotent. */
  NetworkState ensureNetwork(NetworkPlan plan);

  /** Networks of ours, by libvirt's name. */
  List<NetworkState> networks();

  /** Removes a network of ours; one that is gone already is no failure. */
  void removeNetwork(String libvirtName);

  /** DHCP leases of a network that dnsmasq has handed out. */
  List<DhcpLease> leases(String libvirtName);

  /**
   * Tells of changes. Events are hints: after {@link HypervisorEvent.Connected} list everything
   * again. A new listener is first told whether there is a connection, as soon as that is known.
   * The listener must not block.
   */
  void listen(Consumer<HypervisorEvent> listener);

  @Override
  void close();
}
