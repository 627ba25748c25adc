package dev.lodge.agent.libvirt;

import com.sun.jna.Native;
import com.sun.jna.Pointer;
import com.sun.jna.ptr.PointerByReference;
import dev.lodge.domain.hypervisor.DhcpLease;
import dev.lodge.domain.hypervisor.HypervisorException;
import dev.lodge.domain.hypervisor.HypervisorFailure;
import dev.lodge.domain.hypervisor.NetworkState;
import dev.lodge.domain.machine.NetworkPlan;
import dev.lodge.libvirtxml.NetworkXmlReader.ReadNetwork;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.libvirt.Error.ErrorNumber;

/** The port's calls on networks, which are transient like domains. */
final class Networks {
  private static final int LIST_ACTIVE = 2;
  // struct _virNetworkDHCPLease on LP64
  private static final int LEASE_EXPIRY = 8;
  private static final int LEASE_MAC = 24;
  private static final int LEASE_IP = 40;
  private static final int LEASE_HOSTNAME = 56;

  private final NativeCalls calls;
  private final StaticLeases leases;

  Networks(NativeCalls calls, StaticLeases leases) {
    this.calls = calls;
    this.leases = leases;
  }

  NetworkState ensure(NetworkPlan plan) {
    return calls.slow(
        "ensureNetwork",
        c -> {
          try (LibvirtNetwork there = LibvirtNetwork.find(c, plan.libvirtName())) {
            if (there != null) {
              ReadNetwork found = refuseForeign(there);
              boolean stays = !leases.outdated(found) || there.ports() > 0;
              if (sameShape(found, plan) && stays) {
                leases.update(there, found, plan.hosts());
                return state(plan);
              }
              replace(there, plan);
            }
          }
          leases.create(plan, xml -> LibvirtNetwork.create(c, xml).close(), () -> destroy(c, plan));
          return state(plan);
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
          for (LibvirtNetwork network : taken(out.getValue(), n)) {
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
          try (LibvirtNetwork there = LibvirtNetwork.find(c, name)) {
            if (there != null) {
              refuseForeign(there);
              there.destroy();
            }
          }
          leases.removed(name);
          return name;
        });
  }

  List<DhcpLease> leases(String name) {
    return calls.quick(
        "leases",
        c -> {
          try (LibvirtNetwork there = LibvirtNetwork.find(c, name)) {
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
  private static void replace(LibvirtNetwork there, NetworkPlan plan) throws LibvirtError {
    int ports = there.ports();
    if (ports > 0) {
      throw failure(
          new HypervisorFailure.Busy(
              "network '%s' has other settings and %d running interfaces: it can change once their"
                      .formatted(plan.libvirtName(), ports)
                  + " VMs are stopped"));
    }
    there.destroy();
  }

  private static void destroy(NativeConnection c, NetworkPlan plan) throws LibvirtError {
    try (LibvirtNetwork there = LibvirtNetwork.find(c, plan.libvirtName())) {
      if (there != null) {
        there.destroy();
      }
    }
  }

  private static boolean sameShape(ReadNetwork found, NetworkPlan plan) {
    return found.uid().filter(plan.uid()::equals).isPresent()
        && found.bridge().equals(plan.bridge())
        && found.domain().equals(Optional.ofNullable(plan.domain()))
        && found.cidr().equals(plan.gateway() + "/" + plan.prefix());
  }

  private static ReadNetwork refuseForeign(LibvirtNetwork network) throws LibvirtError {
    ReadNetwork read = network.read();
    if (read.uid().isEmpty()) {
      throw failure(
          new HypervisorFailure.AlreadyExists(
              "network '%s' exists and is not Lodge's: it is not touched".formatted(read.name())));
    }
    return read;
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

  private static List<LibvirtNetwork> taken(Pointer array, int n) {
    return pointers(array, n).stream().map(p -> LibvirtNetwork.at(p)).toList();
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
