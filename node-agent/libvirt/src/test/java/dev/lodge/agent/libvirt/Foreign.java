package dev.lodge.agent.libvirt;

import dev.lodge.domain.hypervisor.DomainId;
import java.util.ArrayList;
import java.util.List;
import org.libvirt.Connect;
import org.libvirt.Domain;
import org.libvirt.LibvirtException;
import org.libvirt.Network;

/** Somebody else on the same libvirt: plain libvirt-java, and nothing of Lodge in the XML. */
final class Foreign implements AutoCloseable {
  private final Connect connect;
  private final String type;
  private final List<Domain> domains = new ArrayList<>();
  private final List<Network> networks = new ArrayList<>();

  /**
   * @param type domain type: {@code qemu} or {@code test}
   */
  Foreign(String uri, String type) throws LibvirtException {
    this.connect = new Connect(uri);
    this.type = type;
  }

  DomainId domain(String name) {
    try {
      Domain d =
          connect.domainCreateXML(
              """
              <domain type='%s'><name>%s</name><memory unit='MiB'>4</memory>
              <os><type arch='i686' machine='pc'>hvm</type></os>
              <devices><controller type='usb' model='none'/><memballoon model='none'/></devices>
              </domain>
              """
                  .formatted(type, name),
              0);
      domains.add(d);
      return new DomainId(name, d.getUUIDString());
    } catch (LibvirtException e) {
      throw new IllegalStateException(e);
    }
  }

  void network(String name) {
    try {
      networks.add(
          connect.networkCreateXML(
              "<network><name>%s</name><bridge name='fo-%s'/></network>"
                  .formatted(name, name.substring(name.length() - 8))));
    } catch (LibvirtException e) {
      throw new IllegalStateException(e);
    }
  }

  void removeAll() {
    try {
      for (Domain d : domains) {
        d.destroy();
        d.free();
      }
      for (Network n : networks) {
        n.destroy();
        n.free();
      }
    } catch (LibvirtException e) {
      throw new IllegalStateException(e);
    }
    domains.clear();
    networks.clear();
  }

  @Override
  public void close() throws LibvirtException {
    connect.close();
  }
}
