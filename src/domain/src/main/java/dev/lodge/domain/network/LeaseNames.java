package dev.lodge.domain.network;

import dev.lodge.domain.machine.DomainNames;
import dev.lodge.domain.machine.NetworkPlan;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Names of guests in the DNS of their network. libvirt refuses two static leases of one name, and a
 * VM may have two interfaces on a network, and a namesake in another namespace.
 */
public final class LeaseNames {
  /** DNS allows labels of 63 characters. */
  private static final int LONGEST = 63;

  /**
   * What dnsmasq takes for a lease time, or for the word that gives no lease, where a name stands.
   */
  private static final Pattern NO_NAME = Pattern.compile("[0-9]+[smhdw]?|infinite|ignore");

  private LeaseNames() {}

  /** An address that an interface of a VM holds. */
  public record Lease(String namespace, String vm, String interfaceName, String mac, String ip) {}

  /**
   * The static leases, in the given order. A VM of the network's own namespace has its own name, by
   * its first interface; others have their interface or namespace added. So the name of a VM does
   * not depend on which others there are.
   */
  public static List<NetworkPlan.Host> hosts(String networkNamespace, List<Lease> leases) {
    Map<String, Lease> firsts = new LinkedHashMap<>();
    leases.forEach(lease -> firsts.putIfAbsent(lease.namespace() + "/" + lease.vm(), lease));
    List<Lease> inOrder = new ArrayList<>();
    List<Lease> others = new ArrayList<>();
    for (Lease lease : leases) {
      boolean plain = lease.namespace().equals(networkNamespace) && firsts.containsValue(lease);
      (plain ? inOrder : others).add(lease);
    }
    inOrder.addAll(others);
    Set<String> taken = new LinkedHashSet<>();
    Map<Lease, NetworkPlan.Host> hosts = new LinkedHashMap<>();
    for (Lease lease : inOrder) {
      String wanted = wanted(networkNamespace, firsts.containsValue(lease), lease);
      hosts.put(lease, new NetworkPlan.Host(lease.mac(), lease.ip(), unique(wanted, lease, taken)));
    }
    return leases.stream().map(hosts::get).toList();
  }

  private static String wanted(String networkNamespace, boolean first, Lease lease) {
    String name = first ? lease.vm() : lease.vm() + "-" + lease.interfaceName();
    return lease.namespace().equals(networkNamespace) ? name : name + "-" + lease.namespace();
  }

  private static String unique(String wanted, Lease lease, Set<String> taken) {
    if (wanted.length() <= LONGEST && !NO_NAME.matcher(wanted).matches() && taken.add(wanted)) {
      return wanted;
    }
    String hash =
        DomainNames.hash(String.join("/", lease.namespace(), lease.vm(), lease.interfaceName()), 8);
    String cut = wanted.substring(0, Math.min(wanted.length(), LONGEST - 9)) + "-" + hash;
    taken.add(cut);
    return cut;
  }
}
