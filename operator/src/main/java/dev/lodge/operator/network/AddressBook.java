package dev.lodge.operator.network;

import dev.lodge.api.v1alpha1.vmaddress.VmAddress;
import dev.lodge.api.v1alpha1.vmaddress.VmAddressSpec.Parent;
import dev.lodge.domain.network.Ipv4;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Which addresses are given, by network. It only spares a search: the lock is the name of the
 * VmAddress, so that a book that is behind costs a try and no double address.
 */
public final class AddressBook {
  private final Map<String, Page> pages = new TreeMap<>();

  /** One network. */
  private static final class Page {
    private final Map<Ipv4, String> holders = new LinkedHashMap<>();
    private final Map<String, String> macs = new LinkedHashMap<>();
  }

  /** Chooses an address while nobody else of this process can choose the same. */
  public interface Choice {
    /** The address; null: none. */
    @Nullable Ipv4 among(Map<Ipv4, String> holders);
  }

  /** Chooses and notes an address of a network for {@code holder}; null: none. */
  public synchronized @Nullable Ipv4 reserve(String network, String holder, Choice choice) {
    Page page = page(network);
    Ipv4 ip = choice.among(page.holders);
    if (ip != null) {
      page.holders.put(ip, holder);
    }
    return ip;
  }

  /** Notes that an address is somebody's, whose name is not known yet. */
  public synchronized void taken(String network, Ipv4 ip) {
    page(network).holders.putIfAbsent(ip, "another VM");
  }

  public synchronized void free(String network, Ipv4 ip) {
    page(network).holders.remove(ip);
  }

  /** Notes a MAC on the network for {@code holder}; the other one who has it; null: none. */
  public synchronized @Nullable String noteMac(String network, String mac, String holder) {
    String other = page(network).macs.putIfAbsent(mac, holder);
    return other == null || other.equals(holder) ? null : other;
  }

  /** Forgets a MAC that was noted for an address that came to nothing. */
  public synchronized void forgetMac(String network, String mac, String holder) {
    page(network).macs.remove(mac, holder);
  }

  /** A watch tells of an address. */
  public synchronized void seen(VmAddress address) {
    Page page = page(network(address));
    Ipv4.parse(address.getSpec().ip()).ifPresent(ip -> page.holders.put(ip, holder(address)));
    page.macs.put(address.getSpec().mac(), holder(address));
  }

  /** A watch tells that an address was given back. */
  public synchronized void gone(VmAddress address) {
    Page page = page(network(address));
    Ipv4.parse(address.getSpec().ip()).ifPresent(page.holders::remove);
    page.macs.remove(address.getSpec().mac(), holder(address));
  }

  /** {@code namespace/name} of the VM that has it. */
  public static String holder(VmAddress address) {
    Parent p = address.getSpec().parentRef();
    return p.namespace() + "/" + p.name();
  }

  /** The network's part of the name: the first digits of its UID. */
  private static String network(VmAddress address) {
    String name = address.getMetadata().getName();
    int end = name.indexOf('-');
    return end < 0 ? name : name.substring(0, end);
  }

  private Page page(String network) {
    return pages.computeIfAbsent(network, _ -> new Page());
  }
}
