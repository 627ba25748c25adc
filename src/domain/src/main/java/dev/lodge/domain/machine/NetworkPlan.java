package dev.lodge.domain.machine;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A NAT network as libvirt shall build it, with its dnsmasq.
 *
 * @param libvirtName {@code lodge-<hash>}
 * @param uid UID of the VmNetwork; kept in the metadata, which makes the network ours
 * @param bridge host bridge, at most 15 characters
 * @param gateway the host's own address
 * @param prefix length of the network's prefix
 * @param domain DNS domain of the guests
 * @param hosts the addresses given, each a static lease
 */
public record NetworkPlan(
    String libvirtName,
    String uid,
    String uuid,
    String bridge,
    String gateway,
    int prefix,
    @Nullable String domain,
    List<Host> hosts) {

  /** A static lease: this MAC gets this address and name. */
  public record Host(String mac, String ip, String name) {}

  /** The same network with other static leases. */
  public NetworkPlan withHosts(List<Host> others) {
    return new NetworkPlan(libvirtName, uid, uuid, bridge, gateway, prefix, domain, others);
  }
}
