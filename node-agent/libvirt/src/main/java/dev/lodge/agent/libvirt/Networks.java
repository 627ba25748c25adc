package dev.lodge.agent.libvirt;

import com.sun.jna.Native;
import com.sun.jna.Pointer;
import com.sun.jna.ptr.PointerByReference;
import dev.lodge.domain.hypervisor.DhcpLease;
import dev.lodge.domain.hypervisor.HypervisorException;
import dev.lodge.domain.hypervisor.HypervisorFailure;
import dev.lodge.domain.hypervisor.NetworkState;
import dev.lodge.domain.machine.NetworkPlan;
import dev.lodge.libvirtxml.NetworkXml;
import dev.lodge.libvirtxml.NetworkXmlReader;
import dev.lodge.libvirtxml.NetworkXmlReader.ReadNetwork;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.libvirt.Error.ErrorNumber;
import org.libvirt.jna.NetworkPointer;

/** The port's calls on networks, which are transient like domains. */
final class Networks {
  private static final int LIST_ACTIVE = 2;
  private static final int SECTION_DHCP_HOST = 4;
  private static final int AFFECT_LIVE = 1;
  // struct _virNetworkDHCPLease on LP64
  private static final int LEASE_EXPIRY = 8;
  private static final int LEASE_MAC = 24;
  private static final int LEASE_IP = 40;
  private static final int LEASE_HOSTNAME = 56;

  private final NativeCalls calls;

  Networks(NativeCalls calls) {
    this.calls = calls;
  }

  private record NativeNetwork(NetworkPointer handle) implements AutoCloseable {
    static NativeNetwork at(Pointer address) {
      NetworkPointer handle = new NetworkPointer();
      handle.setPointer(address);
      return new NativeNetwork(handle);
    }

    ReadNetwork read() throws LibvirtError {
      return NetworkXmlReader.read(
          LibvirtNative.take(
              LibvirtError.check(LibvirtNative.VIRT.virNetworkGetXMLDesc(handle, 0))));
    }

    @Override
    public void close() {
      LibvirtNative.VIRT.virNetworkFree(handle);
    }
  }

  NetworkState ensure(NetworkPlan plan) {
    return calls.slow(
        "ensureNetwork",
        c -> {
          try (NativeNetwork there = find(c, plan.libvirtName())) {
            if (there != null) {
              ReadNetwork found = refuseForeign(there);
              if (sameShape(found, plan)) {
                for (LeaseChange change : LeaseChange.between(found.hosts(), plan.hosts())) {
                  apply(there, change);
                }
                return state(plan);
              }
              replace(there, plan);
            }
          }
          try (NativeNetwork created =
              new NativeNetwork(
                  LibvirtError.check(
                      LibvirtNative.VIRT.virNetworkCreateXML(
                          c.handle(), NetworkXml.render(plan))))) {
            return state(plan);
          }
        });
  }

  List<NetworkState> list() {
    return calls.quick(
        "networks",
        c -> {
          PointerByReference out = new PointerByReference();
          int n =
              LibvirtError.check(
                  LibvirtNative.VIRT.virConnectListAllNetworks(c.handle(), out, LIST_ACTIVE));
          List<NetworkState> ours = new ArrayList<>();
          for (NativeNetwork network : taken(out.getValue(), n)) {
            try (network) {
              ReadNetwork read = network.read();
              read.uid()
                  .ifPresent(uid -> ours.add(new NetworkState(read.name(), uid, read.bridge())));
            } catch (LibvirtError e) {
              // It was removed between the two calls.
              if (e.code() != ErrorNumber.VIR_ERR_NO_NETWORK) {
                throw e;
              }
            }
          }
          return ours;
        });
  }

  void remove(String name) {
    calls.slow(
        "removeNetwork",
        c -> {
          try (NativeNetwork there = find(c, name)) {
            if (there != null) {
              refuseForeign(there);
              if (LibvirtNative.VIRT.virNetworkDestroy(there.handle()) < 0) {
                LibvirtError e = LibvirtError.last();
                if (e.code() != ErrorNumber.VIR_ERR_NO_NETWORK) {
                  throw e;
                }
              }
            }
            return name;
          }
        });
  }

  List<DhcpLease> leases(String name) {
    return calls.quick(
        "leases",
        c -> {
          try (NativeNetwork there = find(c, name)) {
            if (there == null) {
              throw failure(new HypervisorFailure.NotFound("no network '" + name + "'"));
            }
            PointerByReference out = new PointerByReference();
            int n =
                LibvirtError.check(
                    LibvirtNative.VIRT.virNetworkGetDHCPLeases(there.handle(), null, out, 0));
            List<DhcpLease> leases = new ArrayList<>(n);
            for (Pointer lease : pointers(out.getValue(), n)) {
              leases.add(lease(lease));
              LibvirtNative.VIRT.virNetworkDHCPLeaseFree(lease);
            }
            return leases;
          }
        });
  }

  /** A guest whose tap hangs on a bridge that is gone has no network any more: not while in use. */
  private static void replace(NativeNetwork there, NetworkPlan plan) throws LibvirtError {
    int ports =
        LibvirtError.check(LibvirtNative.VIRT.virNetworkListAllPorts(there.handle(), null, 0));
    if (ports > 0) {
      throw failure(
          new HypervisorFailure.Busy(
              "network '%s' has other settings and %d running interfaces: it can change once their"
                      .formatted(plan.libvirtName(), ports)
                  + " VMs are stopped"));
    }
    LibvirtError.check(LibvirtNative.VIRT.virNetworkDestroy(there.handle()));
  }

  private static void apply(NativeNetwork network, LeaseChange change) throws LibvirtError {
    LibvirtError.check(
        LibvirtNative.VIRT.virNetworkUpdate(
            network.handle(),
            change.command(),
            SECTION_DHCP_HOST,
            -1,
            NetworkXml.host(change.host()),
            AFFECT_LIVE));
  }

  private static boolean sameShape(ReadNetwork found, NetworkPlan plan) {
    return found.uid().filter(plan.uid()::equals).isPresent()
        && found.bridge().equals(plan.bridge())
        && found.domain().equals(Optional.ofNullable(plan.domain()))
        && found.cidr().equals(plan.gateway() + "/" + plan.prefix());
  }

  private static ReadNetwork refuseForeign(NativeNetwork network) throws LibvirtError {
    ReadNetwork read = network.read();
    if (read.uid().isEmpty()) {
      throw failure(
          new HypervisorFailure.AlreadyExists(
              "network '%s' exists and is not Lodge's: it is not touched".formatted(read.name())));
    }
    return read;
  }

  private static @Nullable NativeNetwork find(NativeConnection c, String name) throws LibvirtError {
    NetworkPointer handle = LibvirtNative.VIRT.virNetworkLookupByName(c.handle(), name);
    if (handle != null) {
      return new NativeNetwork(handle);
    }
    LibvirtError e = LibvirtError.last();
    if (e.code() == ErrorNumber.VIR_ERR_NO_NETWORK) {
      return null;
    }
    throw e;
  }

  private static NetworkState state(NetworkPlan plan) {
    return new NetworkState(plan.libvirtName(), plan.uid(), plan.bridge());
  }

  private static DhcpLease lease(Pointer lease) {
    long expiry = lease.getLong(LEASE_EXPIRY);
    return new DhcpLease(
        text(lease, LEASE_MAC, ""),
        text(lease, LEASE_IP, ""),
        lease.getPointer(LEASE_HOSTNAME) == null ? null : text(lease, LEASE_HOSTNAME, ""),
        expiry <= 0 ? null : Instant.ofEpochSecond(expiry));
  }

  private static String text(Pointer struct, int offset, String otherwise) {
    Pointer text = struct.getPointer(offset);
    return text == null ? otherwise : QemuLog.printable(text.getString(0, "UTF-8"));
  }

  private static List<NativeNetwork> taken(Pointer array, int n) {
    return pointers(array, n).stream().map(p -> NativeNetwork.at(p)).toList();
  }

  /** The elements of an array, whose own memory is freed. */
  private static List<Pointer> pointers(@Nullable Pointer array, int n) {
    if (array == null) {
      return List.of();
    }
    List<Pointer> all = new ArrayList<>(n);
    for (int i = 0; i < n; i++) {
      all.add(array.getPointer((long) i * Native.POINTER_SIZE));
    }
    Native.free(Pointer.nativeValue(array));
    return all;
  }

  private static HypervisorException failure(HypervisorFailure f) {
    return new HypervisorException(f);
  }
}
