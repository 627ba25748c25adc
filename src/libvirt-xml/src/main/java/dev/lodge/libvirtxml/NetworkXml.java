package dev.lodge.libvirtxml;

import com.fasterxml.jackson.dataformat.xml.annotation.JacksonXmlElementWrapper;
import com.fasterxml.jackson.dataformat.xml.annotation.JacksonXmlProperty;
import dev.lodge.domain.machine.NetworkPlan;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A NAT network as libvirt's {@code <network>}. Only guests that were given an address get one. */
public final class NetworkXml {
  private NetworkXml() {}

  /**
   * The network's XML.
   *
   * @throws IllegalArgumentException if a text has a character that XML cannot carry
   */
  public static String render(NetworkPlan plan) {
    return Xml.write("network", Network.of(plan));
  }

  /** A static lease, as virNetworkUpdate's section ip-dhcp-host takes it. */
  public static String host(NetworkPlan.Host host) {
    return Xml.write("host", Host.of(host));
  }

  record Network(
      String name,
      String uuid,
      Metadata metadata,
      Forward forward,
      Bridge bridge,
      @Nullable Domain domain,
      Ip ip) {

    static Network of(NetworkPlan plan) {
      return new Network(
          plan.libvirtName(),
          plan.uuid(),
          new Metadata(new Metadata.Owner(plan.uid())),
          new Forward("nat"),
          new Bridge(plan.bridge(), "on", 0),
          plan.domain() == null ? null : new Domain(plan.domain(), "yes"),
          new Ip(
              plan.gateway(),
              plan.prefix(),
              plan.hosts().isEmpty()
                  ? null
                  : new Dhcp(plan.hosts().stream().map(Host::of).toList())));
    }
  }

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
      @JacksonXmlProperty(isAttribute = true) String name,
      @JacksonXmlProperty(isAttribute = true) String ip) {

    static Host of(NetworkPlan.Host host) {
      return new Host(host.mac(), host.name(), host.ip());
    }
  }
}
