package dev.lodge.libvirtxml;

import com.fasterxml.jackson.dataformat.xml.annotation.JacksonXmlElementWrapper;
import com.fasterxml.jackson.dataformat.xml.annotation.JacksonXmlProperty;
import dev.lodge.domain.machine.NetworkPlan;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A NAT network as libvirt's {@code <network>}. Only guests that were given an address get one. */
public final class NetworkXml {
  /** The only way that libvirt has to hand options of its own on to dnsmasq. */
  static final String DNSMASQ = "http://libvirt.org/schemas/network/dnsmasq/1.0";

  /** A name that no guest has, see {@link #reload}. */
  static final String RELOAD = "reload.lodge.invalid";

  private NetworkXml() {}

  /**
   * The network's XML, with its static leases.
   *
   * @throws IllegalArgumentException if a text has a character that XML cannot carry
   */
  public static String render(NetworkPlan plan) {
    return Xml.write(
        "network", Network.of(plan, plan.hosts().stream().map(Host::of).toList(), null));
  }

  /**
   * The network's XML without its static leases: dnsmasq reads them from these files. libvirt turns
   * DHCP on for a network that has a static lease, so there is one that nobody can use: of the
   * host's own address.
   *
   * @throws IllegalArgumentException if a text has a character that XML cannot carry
   */
  public static String render(NetworkPlan plan, DnsmasqFiles files) {
    return Xml.write(
        "network",
        Network.of(
            plan,
            List.of(new Host("02:00:00:00:00:00", null, plan.gateway())),
            new Options(files.options().stream().map(Option::new).toList())));
  }

  /** A static lease, as virNetworkUpdate's section ip-dhcp-host takes it. */
  public static String host(NetworkPlan.Host host) {
    return Xml.write("host", Host.of(host));
  }

  /**
   * A name in the network's DNS, as virNetworkUpdate's section dns-host takes it. To add or delete
   * one is what makes libvirt send dnsmasq the signal to read all of its files anew, and start it
   * if it is gone; for a static lease libvirt does that too, but resets the firewall besides.
   */
  public static String reload(String gateway) {
    return Xml.write("host", new DnsHost(gateway, RELOAD));
  }

  record DnsHost(@JacksonXmlProperty(isAttribute = true) String ip, String hostname) {}

  record Network(
      String name,
      String uuid,
      Metadata metadata,
      Forward forward,
      Bridge bridge,
      @Nullable Domain domain,
      Ip ip,
      @JacksonXmlProperty(namespace = DNSMASQ) @Nullable Options options) {

    static Network of(NetworkPlan plan, List<Host> hosts, @Nullable Options options) {
      return new Network(
          plan.libvirtName(),
          plan.uuid(),
          new Metadata(new Metadata.Owner(plan.uid())),
          new Forward("nat"),
          new Bridge(plan.bridge(), "on", 0),
          plan.domain() == null ? null : new Domain(plan.domain(), "yes"),
          new Ip(plan.gateway(), plan.prefix(), hosts.isEmpty() ? null : new Dhcp(hosts)),
          options);
    }
  }

  record Options(
      @JacksonXmlElementWrapper(useWrapping = false)
          @JacksonXmlProperty(namespace = DNSMASQ, localName = "option")
          List<Option> options) {}

  record Option(@JacksonXmlProperty(isAttribute = true) String value) {}

  /** What makes a network ours; a network without it is never touched. */
  record Metadata(@JacksonXmlProperty(namespace = Xml.NAMESPACE) Owner network) {
    record Owner(@JacksonXmlProperty(isAttribute = true) String uid) {}
  }

  record Forward(@JacksonXmlProperty(isAttribute = true) String mode) {}

  record Bridge(
      @JacksonXmlProperty(isAttribute = true) String name,
      @JacksonXmlProperty(isAttribute = true) String stp,
      @JacksonXmlProperty(isAttribute = true) int delay) {}

  record Domain(
      @JacksonXmlProperty(isAttribute = true) String name,
      @JacksonXmlProperty(isAttribute = true) String localOnly) {}

  record Ip(
      @JacksonXmlProperty(isAttribute = true) String address,
      @JacksonXmlProperty(isAttribute = true) int prefix,
      @Nullable Dhcp dhcp) {}

  record Dhcp(
      @JacksonXmlElementWrapper(useWrapping = false) @JacksonXmlProperty(localName = "host")
          List<Host> hosts) {}

  record Host(
      @JacksonXmlProperty(isAttribute = true) String mac,
      @JacksonXmlProperty(isAttribute = true) @Nullable String name,
      @JacksonXmlProperty(isAttribute = true) String ip) {

    static Host of(NetworkPlan.Host host) {
      return new Host(host.mac(), host.name(), host.ip());
    }
  }
}
