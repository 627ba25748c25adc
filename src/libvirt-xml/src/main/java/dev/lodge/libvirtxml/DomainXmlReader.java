package dev.lodge.libvirtxml;

import dev.lodge.domain.hypervisor.DomainDetails;
import dev.lodge.domain.hypervisor.DomainState.Owner;
import dev.lodge.domain.machine.DeviceAddress;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Reads the few facts that Lodge needs out of a domain's XML. */
public final class DomainXmlReader {
  private DomainXmlReader() {}

  /**
   * A domain as libvirt tells it.
   *
   * @param owner empty: the domain is not ours
   * @param vncSocket where its VNC server listens
   */
  public record ReadDomain(
      String name,
      String uuid,
      Optional<Owner> owner,
      DomainDetails details,
      @Nullable String vncSocket) {}

  /**
   * Reads {@code virDomainGetXMLDesc}'s answer.
   *
   * @throws IllegalArgumentException if it is no domain
   */
  public static ReadDomain read(String xml) {
    XmlTree domain = XmlTree.parse(xml, "domain");
    String machine = domain.at("os", "type").flatMap(t -> t.attribute("machine")).orElse("");
    String cpu =
        domain.at("cpu", "model").map(XmlTree::text).filter(m -> !m.isEmpty()).orElse(null);
    return new ReadDomain(
        domain.child("name").map(XmlTree::text).orElse(""),
        domain.child("uuid").map(XmlTree::text).orElse(""),
        owner(domain),
        new DomainDetails(machine, cpu, devices(domain)),
        vncSocket(domain));
  }

  private static Optional<Owner> owner(XmlTree domain) {
    return domain
        .ours("machine")
        .filter(m -> m.attribute("uid").isPresent())
        .map(
            m ->
                new Owner(
                    m.attribute("namespace").orElse(""),
                    m.attribute("name").orElse(""),
                    m.attribute("uid").orElse(""),
                    number(m, "epoch")));
  }

  /** A serial port is told twice, as the first console too: the first of an alias counts. */
  private static List<DomainDetails.Device> devices(XmlTree domain) {
    Map<String, DomainDetails.Device> devices = new LinkedHashMap<>();
    for (XmlTree device : domain.child("devices").map(XmlTree::children).orElse(List.of())) {
      device
          .child("alias")
          .flatMap(a -> a.attribute("name"))
          .filter(alias -> alias.startsWith("ua-"))
          .ifPresent(alias -> devices.putIfAbsent(alias, device(alias, device)));
    }
    return List.copyOf(devices.values());
  }

  private static DomainDetails.Device device(String alias, XmlTree device) {
    return new DomainDetails.Device(
        alias,
        device.child("address").flatMap(DomainXmlReader::address).orElse(null),
        device.child("target").flatMap(t -> t.attribute("dev")).orElse(null));
  }

  private static Optional<String> address(XmlTree a) {
    DeviceAddress address =
        switch (a.attribute("type").orElse("")) {
          case "pci" ->
              new DeviceAddress.Pci(
                  (int) number(a, "domain"),
                  (int) number(a, "bus"),
                  (int) number(a, "slot"),
                  (int) number(a, "function"));
          case "drive" ->
              new DeviceAddress.Drive(
                  (int) number(a, "controller"),
                  (int) number(a, "bus"),
                  (int) number(a, "target"),
                  (int) number(a, "unit"));
          case "virtio-serial" ->
              new DeviceAddress.VirtioSerial(
                  (int) number(a, "controller"), (int) number(a, "bus"), (int) number(a, "port"));
          case "usb" -> new DeviceAddress.Usb((int) number(a, "bus"), (int) number(a, "port"));
          default -> null;
        };
    return Optional.ofNullable(address).map(DeviceAddress::text);
  }

  private static @Nullable String vncSocket(XmlTree domain) {
    return domain.child("devices").stream()
        .flatMap(d -> d.children("graphics"))
        .filter(g -> g.attribute("type").orElse("").equals("vnc"))
        .flatMap(g -> g.children("listen"))
        .flatMap(l -> l.attribute("socket").stream())
        .findFirst()
        .orElse(null);
  }

  /** Decimal or, after 0x, hexadecimal; 0 where it is missing or of another form. */
  private static long number(XmlTree element, String attribute) {
    try {
      return Long.decode(element.attribute(attribute).orElse("0"));
    } catch (NumberFormatException e) {
      return 0;
    }
  }
}
