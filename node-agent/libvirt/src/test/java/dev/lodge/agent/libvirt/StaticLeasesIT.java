package dev.lodge.agent.libvirt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.lodge.domain.hypervisor.DhcpLease;
import dev.lodge.domain.hypervisor.DomainId;
import dev.lodge.domain.machine.MachinePlan;
import dev.lodge.domain.machine.NetworkPlan;
import dev.lodge.domain.machine.NetworkPlan.Host;
import dev.lodge.libvirtxml.DnsmasqFiles;
import dev.lodge.libvirtxml.NetworkXmlReader;
import dev.lodge.libvirtxml.NetworkXmlReader.ReadNetwork;
import dev.lodge.testkit.plan.Plans;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.libvirt.Connect;
import org.libvirt.Network;

/** Static leases where something is not as it usually is: what a real dnsmasq does about it. */
class StaticLeasesIT {
  private static final Duration SOON = Duration.ofSeconds(60);
  private static final String NAME = "leases" + ProcessHandle.current().pid();
  private static final String MAC = "52:54:00:1d:9e:11";
  private static final Host GUEST = new Host(MAC, "10.20.78.10", "guest");
  private static final Host OTHER = new Host("52:54:00:1d:9e:12", "10.20.78.11", "other");

  private final List<AutoCloseable> open = new ArrayList<>();
  private RealHost host;
  private Path directory;
  private NetworkPlan network;

  @BeforeEach
  void begin() throws Exception {
    host = RealHost.orSkip();
    directory = host.files().resolve("networks");
    network = Plans.network(NAME, 78, List.of());
  }

  @AfterEach
  void end() throws Exception {
    if (network != null) {
      LibvirtHypervisor libvirt = withFiles();
      destroy(libvirt);
      libvirt.removeNetwork(network.libvirtName());
      for (AutoCloseable each : open) {
        each.close();
      }
      host.close();
    }
  }

  @Test
  void aNetworkOfAnOlderAgentKeepsItsGuestsAndIsMadeAnewOnceTheyAreGone() throws Exception {
    LibvirtHypervisor older = connect(LibvirtConfig.of(host.uri()));
    older.ensureNetwork(with(GUEST));
    start(older, host.tiny(NAME));
    LibvirtHypervisor libvirt = withFiles();

    libvirt.ensureNetwork(with(GUEST, OTHER));
    ReadNetwork used = read();
    destroy(libvirt);
    libvirt.ensureNetwork(with(OTHER));
    ReadNetwork unused = read();

    assertThat(used.files()).isEmpty();
    assertThat(used.hosts()).containsExactly(GUEST, OTHER);
    assertThat(unused.files()).contains(new DnsmasqFiles(directory + "/" + network.libvirtName()));
    assertThat(unused.hosts()).doesNotContain(GUEST, OTHER);
  }

  @Test
  void whereDnsmasqCannotReadFilesItsLeasesAreLeftToLibvirt() throws Exception {
    Files.createDirectory(
        directory,
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    LibvirtHypervisor libvirt = withFiles();

    libvirt.ensureNetwork(with(GUEST));
    String uuid = read().uuid();
    libvirt.ensureNetwork(with(GUEST, OTHER));

    assertThat(read().files()).isEmpty();
    assertThat(read().hosts()).containsExactly(GUEST, OTHER);
    assertThat(read().uuid()).isEqualTo(uuid);
    assertThat(directory).isEmptyDirectory();
  }

  @Test
  void aGuestGetsItsAddressThoughTheDirectoryWasLostAndDnsmasqKilledAndTheNextOneGetsItToo()
      throws Exception {
    LibvirtHypervisor libvirt = withFiles();
    libvirt.ensureNetwork(network);
    new HostFiles(new DnsmasqFiles(directory + "/" + network.libvirtName())).remove();
    long pid =
        Long.parseLong(
            Files.readString(Path.of("/run/libvirt/network", network.libvirtName() + ".pid"))
                .strip());
    ProcessHandle dnsmasq = ProcessHandle.of(pid).orElseThrow();
    assertThat(dnsmasq.destroyForcibly()).isTrue();
    Pause.until("its end", SOON, () -> !dnsmasq.isAlive());

    libvirt.ensureNetwork(with(GUEST));
    start(libvirt, host.mini(NAME));

    Pause.until("a lease", SOON, () -> !libvirt.leases(network.libvirtName()).isEmpty());
    assertThat(libvirt.leases(network.libvirtName()))
        .extracting(DhcpLease::mac, DhcpLease::ip)
        .containsExactly(tuple(MAC, GUEST.ip()));

    // Its lease would keep the address from everybody for an hour.
    destroy(libvirt);
    libvirt.ensureNetwork(with(new Host("52:54:00:1d:9e:13", GUEST.ip(), "heir")));
    Pause.until(
        "the address given back", SOON, () -> libvirt.leases(network.libvirtName()).isEmpty());
  }

  private LibvirtHypervisor withFiles() throws Exception {
    return connect(LibvirtConfig.of(host.uri()).networks(directory));
  }

  private LibvirtHypervisor connect(LibvirtConfig config) throws Exception {
    LibvirtHypervisor libvirt = new LibvirtHypervisor(config, CallObserver.NONE);
    open.add(libvirt);
    assertThat(libvirt.awaitConnection(SOON)).isTrue();
    return libvirt;
  }

  private void start(LibvirtHypervisor libvirt, Plans guest) {
    libvirt.start(guest.nic("lan", network.libvirtName(), MAC).plan());
  }

  private void destroy(LibvirtHypervisor libvirt) {
    MachinePlan guest = host.tiny(NAME).plan();
    libvirt
        .find(guest.identity().domainName())
        .ifPresent(d -> libvirt.destroy(new DomainId(d.id().name(), d.id().uuid())));
  }

  private NetworkPlan with(Host... hosts) {
    return Plans.network(NAME, 78, List.of(hosts));
  }

  private ReadNetwork read() throws Exception {
    Connect c = new Connect(host.uri());
    try {
      Network found = c.networkLookupByName(network.libvirtName());
      try {
        return NetworkXmlReader.read(found.getXMLDesc(0));
      } finally {
        found.free();
      }
    } finally {
      c.close();
    }
  }
}
