package dev.lodge.libvirtxml;

import dev.lodge.domain.machine.NetworkPlan;
import java.util.List;
import java.util.Optional;

/** Reads the few facts that Lodge needs out of a network's XML. */
public final class NetworkXmlReader {
  private NetworkXmlReader() {}

  /**
   * A network as libvirt tells it.
   *
   * @param uid UID of the VmNetwork; empty: the network is not ours
   * @param cidr its IPv4 address and prefix, e.g. {@code 192.168.122.1/24}; empty: it has none
   * @param domain DNS domain of its guests, if it has one
   * @param hosts its static leases, as far as libvirt knows them
   * @param files where its dnsmasq finds the others; empty: libvirt knows all
   * @param reloadNamed whether it has the name of {@link NetworkXml#reload}
   */
  public record ReadNetwork(
      String name,
      String uuid,
      Optional<String> uid,
      String bridge,
      String cidr,
      Optional<String> domain,
      List<NetworkPlan.Host> hosts,
      Optional<DnsmasqFiles> files,
      boolean reloadNamed) {}

  /**
   * Reads {@code virNetworkGetXMLDesc}'s answer.
   *
   * @throws IllegalArgumentException if it is no network
   */
  public static ReadNetwork read(String xml) {
    XmlTree network = XmlTree.parse(xml, "network");
    return new ReadNetwork(
        network.child("name").map(XmlTree::text).orElse(""),
        network.child("uuid").map(XmlTree::text).orElse(""),
        network.ours("network").flatMap(n -> n.attribute("uid")),
        network.child("bridge").flatMap(b -> b.attribute("name")).orElse(""),
        network
            .children("ip")
            .filter(ip -> !ip.attribute("family").orElse("ipv4").equals("ipv6"))
            .findFirst()
            .map(NetworkXmlReader::cidr)
            .orElse(""),
        network.child("domain").flatMap(d -> d.attribute("name")),
        network.at("ip", "dhcp").stream()
            .flatMap(d -> d.children("host"))
            .map(
                h ->
                    new NetworkPlan.Host(
                        h.attribute("mac").orElse(""),
                        h.attribute("ip").orElse(""),
                        h.attribute("name").orElse("")))
            .toList(),
        DnsmasqFiles.ofOptions(
            network
                .child("options")
                .filter(o -> o.isOf(NetworkXml.DNSMASQ))
                .map(o -> o.children("option").flatMap(v -> v.attribute("value").stream()).toList())
                .orElse(List.of())),
        network.child("dns").stream()
            .flatMap(d -> d.children("host"))
            .flatMap(h -> h.children("hostname"))
            .anyMatch(n -> n.text().equals(NetworkXml.RELOAD)));
  }

  /** An address without a prefix has a netmask, or that of its class. */
  private static String cidr(XmlTree ip) {
    String address = ip.attribute("address").orElse("");
    String prefix =
        ip.attribute("prefix")
            .or(() -> ip.attribute("netmask").map(NetworkXmlReader::prefix))
            .orElse("24");
    return address.isEmpty() ? "" : address + "/" + prefix;
  }

  private static String prefix(String netmask) {
    int bits = 0;
    for (String part : netmask.split("\\.")) {
      bits += Integer.bitCount(Integer.parseInt(part));
    }
    return Integer.toString(bits);
  }
}
