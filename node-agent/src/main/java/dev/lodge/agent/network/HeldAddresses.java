package dev.lodge.agent.network;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lodge.agent.store.ObjectKey;
import dev.lodge.agent.store.StoredObject;
import dev.lodge.api.ResourceKind;
import dev.lodge.domain.hypervisor.DhcpLease;
import dev.lodge.domain.network.Ipv4;
import dev.lodge.domain.network.LeaseNames;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Who holds which address. The truth are the statuses of VMs; between giving an address and writing
 * it into a status it is held here. Guarded by whoever has it.
 */
final class HeldAddresses {
  private final Map<Slot, Held> held = new LinkedHashMap<>();

  /** An interface of a VM. */
  record Slot(String uid, String nic) {}

  /** What it holds, and for whom. */
  record Held(ObjectKey network, String namespace, String vm, String mac, Ipv4 ip) {
    String owner() {
      return namespace + "/" + vm;
    }
  }

  /** What earlier runs of the agent gave stands in the statuses. */
  void load(List<StoredObject> vms) {
    for (StoredObject vm : vms) {
      for (JsonNode i : vm.status().path("interfaces")) {
        String[] network = i.path("network").asText("").split("/", 2);
        Optional<Ipv4> ip = Ipv4.parse(i.path("ips").path(0).asText(""));
        if (network.length == 2 && ip.isPresent()) {
          held.put(
              new Slot(vm.uid(), i.path("name").asText()),
              new Held(
                  new ObjectKey(ResourceKind.VmNetwork, network[0], network[1]),
                  vm.namespace(),
                  vm.name(),
                  i.path("mac").asText(),
                  ip.get()));
        }
      }
    }
  }

  boolean has(Slot slot) {
    return held.containsKey(slot);
  }

  void put(Slot slot, Held address) {
    held.put(slot, address);
  }

  /** The VM of this UID is gone: what it held is free. */
  void free(String uid) {
    held.keySet().removeIf(slot -> slot.uid().equals(uid));
  }

  /** How many addresses of the network are held. */
  int count(ObjectKey network) {
    return (int) held.values().stream().filter(h -> h.network().equals(network)).count();
  }

  /** The VMs that hold one of them. */
  List<String> users(ObjectKey network) {
    return held.values().stream()
        .filter(h -> h.network().equals(network))
        .map(Held::owner)
        .distinct()
        .toList();
  }

  /**
   * Who holds which address of a network, for an interface that wants one: itself is nobody.
   *
   * @param leases dnsmasq's own: it gives an address to nobody else while a lease of it runs, not
   *     even by a static entry, so the address of a VM that was just deleted is not free yet
   */
  Map<Ipv4, String> holders(ObjectKey network, Slot butNot, String mac, List<DhcpLease> leases) {
    Map<Ipv4, String> holders = new LinkedHashMap<>();
    for (DhcpLease l : leases) {
      if (!l.mac().equalsIgnoreCase(mac)) {
        Ipv4.parse(l.ip())
            .ifPresent(
                ip -> holders.put(ip, "a DHCP lease of " + l.mac() + " until " + l.expires()));
      }
    }
    held.forEach(
        (slot, h) -> {
          if (h.network().equals(network) && !slot.equals(butNot)) {
            holders.put(h.ip(), "VirtualMachine " + h.owner());
          }
        });
    return holders;
  }

  /** What dnsmasq shall give on the network, and to whom. */
  List<LeaseNames.Lease> leases(ObjectKey network) {
    return held.entrySet().stream()
        .filter(e -> e.getValue().network().equals(network))
        .map(
            e ->
                new LeaseNames.Lease(
                    e.getValue().namespace(),
                    e.getValue().vm(),
                    e.getKey().nic(),
                    e.getValue().mac(),
                    e.getValue().ip().toString()))
        .toList();
  }
}
