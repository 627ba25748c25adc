package dev.lodge.agent.libvirt;

import dev.lodge.domain.hypervisor.HypervisorException;
import dev.lodge.domain.hypervisor.HypervisorFailure;
import dev.lodge.domain.machine.NetworkPlan;
import dev.lodge.domain.machine.NetworkPlan.Host;
import dev.lodge.libvirtxml.DnsmasqFiles;
import dev.lodge.libvirtxml.NetworkXml;
import dev.lodge.libvirtxml.NetworkXmlReader.ReadNetwork;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * How the dnsmasq of a network hears of static leases: by files that it reads itself, at once and
 * without libvirt. Where it cannot read them, and in a network that an older agent made and guests
 * still use, by libvirt, which sets up the network's firewall anew for each: half a second.
 */
final class StaticLeases {
  private static final int SECTION_DHCP_HOST = 4;
  private static final int SECTION_DNS_HOST = 10;
  private static final int DELETE = 2;
  private static final int ADD = 3;
  private static final Duration PATIENCE = Duration.ofSeconds(2);

  private final @Nullable Path root;

  /** Networks whose dnsmasq was seen not to read files. */
  private final Set<String> blind = ConcurrentHashMap.newKeySet();

  /**
   * @param root where each network gets a directory of its name; null: all is left to libvirt
   */
  StaticLeases(@Nullable Path root) {
    this.root = root != null && DnsmasqFiles.canBeNamed(root.toString()) ? root : null;
  }

  /** What creates a network, as XML. */
  @FunctionalInterface
  interface Creation {
    void create(String xml) throws LibvirtError;
  }

  /** What takes the network away again. */
  @FunctionalInterface
  interface Destruction {
    void destroy() throws LibvirtError;
  }

  /**
   * Whether a network that is there would be told of leases in a better way if it were made anew.
   */
  boolean outdated(ReadNetwork there) {
    Optional<DnsmasqFiles> files = filesOf(there.name());
    return files.isPresent() && !files.equals(there.files());
  }

  /** Creates a network that is not there, with its leases. */
  void create(NetworkPlan plan, Creation creation, Destruction destruction) throws LibvirtError {
    Optional<DnsmasqFiles> files = filesOf(plan.libvirtName());
    if (files.isPresent()) {
      String name = "probe-%016x.lodge.invalid".formatted(ThreadLocalRandom.current().nextLong());
      HostFiles written = new HostFiles(files.get());
      files(plan.libvirtName(), () -> written.begin(plan.hosts(), name, plan.gateway()));
      creation.create(NetworkXml.render(plan, files.get()));
      if (DnsProbe.knows(plan.gateway(), 53, name, PATIENCE)) {
        return;
      }
      blind.add(plan.libvirtName());
      System.getLogger(StaticLeases.class.getName())
          .log(
              System.Logger.Level.WARNING,
              "dnsmasq of network {0} does not read {1} (is it confined by AppArmor or SELinux?):"
                  + " its leases are left to libvirt, which takes half a second for each",
              plan.libvirtName(),
              files.get().directory());
      destruction.destroy();
      files(plan.libvirtName(), written::remove);
    }
    creation.create(NetworkXml.render(plan));
  }

  /** Brings the leases of a network that is there to those that are wanted. */
  void update(LibvirtNetwork there, ReadNetwork found, List<Host> wanted) throws LibvirtError {
    if (found.files().isPresent()) {
      HostFiles written = new HostFiles(found.files().get());
      files(found.name(), () -> written.update(wanted, gone -> reload(there, found, gone)));
      return;
    }
    for (LeaseChange change : LeaseChange.between(found.hosts(), wanted)) {
      there.update(change.command(), SECTION_DHCP_HOST, NetworkXml.host(change.host()));
    }
  }

  /** The network is gone. */
  void removed(String network) throws LibvirtError {
    Optional<DnsmasqFiles> files = filesOf(network);
    if (files.isPresent()) {
      files(network, new HostFiles(files.get())::remove);
    }
  }

  /** The name is added and deleted in turns: each makes libvirt send the signal. */
  private static void reload(LibvirtNetwork there, ReadNetwork found, List<String> gone)
      throws IOException, LibvirtError {
    String gateway = found.cidr().substring(0, found.cidr().indexOf('/'));
    for (String line : gone) {
      // The files say whose address it shall be; the lease that the last guest took out runs on.
      DhcpRelease.ofLine(line, gateway).send(DhcpRelease.PORT);
    }
    there.update(found.reloadNamed() ? DELETE : ADD, SECTION_DNS_HOST, NetworkXml.reload(gateway));
  }

  private Optional<DnsmasqFiles> filesOf(String network) {
    return root == null || blind.contains(network)
        ? Optional.empty()
        : Optional.of(new DnsmasqFiles(root.resolve(network).toString()));
  }

  @FunctionalInterface
  private interface FileWork {
    void run() throws IOException, LibvirtError;
  }

  /** One at a time: two lists of one network's leases must not be mixed. */
  private synchronized void files(String network, FileWork work) throws LibvirtError {
    try {
      work.run();
    } catch (IOException e) {
      throw new HypervisorException(
          new HypervisorFailure.Failed(
              "the leases of network '%s' cannot be written: %s".formatted(network, e)));
    }
  }
}
