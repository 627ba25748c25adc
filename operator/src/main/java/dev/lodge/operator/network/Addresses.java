package dev.lodge.operator.network;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lodge.api.ResourceKind;
import dev.lodge.api.common.ObjectRef;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachine;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineConditions;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineConditions.Reason;
import dev.lodge.api.v1alpha1.vmaddress.VmAddress;
import dev.lodge.api.v1alpha1.vmaddress.VmAddressSpec;
import dev.lodge.domain.network.AddressPool;
import dev.lodge.domain.network.Ipv4;
import dev.lodge.operator.cache.Mirror;
import dev.lodge.operator.client.ApiClient;
import dev.lodge.operator.client.ApiPath;
import dev.lodge.operator.client.Reply;
import dev.lodge.operator.needs.NetworkNeed;
import dev.lodge.operator.needs.Problem;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Gives each interface its address, once: a VmAddress whose name is network and IP. It stays with
 * the VM over restarts and moves, and goes with the VM, or with the interface at the next placing.
 */
public final class Addresses {
  private static final int UID_DIGITS = 8;

  /** Somebody else was quicker so often that the cache is far behind: look again later. */
  private static final int TRIES = 16;

  private final ApiClient api;
  private final Mirror<VmAddress> known;
  private final AddressBook book;

  /**
   * @param known indexed by the VM's UID
   */
  public Addresses(ApiClient api, Mirror<VmAddress> known, AddressBook book) {
    this.api = api;
    this.known = known;
    this.book = book;
  }

  /** What came of it. */
  public sealed interface Outcome {
    /** Every interface has its address. */
    record Given(List<InterfaceAddress> addresses) implements Outcome {}

    /** One cannot have any. */
    record Refused(Problem problem) implements Outcome {}

    /** The API server did not say clearly; try again. */
    record TryAgain(String why) implements Outcome {}
  }

  /** An interface with its address. */
  public record InterfaceAddress(String name, String mac, String network, String ip) {}

  /** Gives what is missing, and takes back what no interface has any more. */
  public Outcome ensure(VirtualMachine vm, List<NetworkNeed> needs) {
    List<VmAddress> mine = known.by(vm.getMetadata().getUid());
    var given = new ArrayList<InterfaceAddress>();
    var kept = new ArrayList<String>();
    for (NetworkNeed need : needs) {
      VmAddress has = fitting(mine, need);
      if (has == null) {
        Outcome o = give(vm, need);
        if (!(o instanceof Outcome.Given g)) {
          return o;
        }
        given.addAll(g.addresses());
      } else {
        kept.add(has.getMetadata().getName());
        given.add(
            new InterfaceAddress(need.name(), need.mac(), need.networkName(), has.getSpec().ip()));
      }
    }
    for (VmAddress a : mine) {
      if (!kept.contains(a.getMetadata().getName()) && !release(a)) {
        return new Outcome.TryAgain("VmAddress " + a.getMetadata().getName() + " is not freed yet");
      }
    }
    return new Outcome.Given(given);
  }

  /** Takes all addresses of a VM back; false: not yet all. */
  public boolean releaseAll(String vmUid) {
    boolean all = true;
    for (VmAddress a : known.by(vmUid)) {
      all &= release(a);
    }
    return all;
  }

  private boolean release(VmAddress a) {
    if (a.getMetadata().getDeletionTimestamp() != null) {
      return true;
    }
    Reply r =
        api.delete(
            ApiPath.of(ResourceKind.VmAddress, a.getMetadata().getName()),
            a.getMetadata().getUid(),
            null,
            null);
    // Another object of this name is another VM's.
    return r instanceof Reply.Done || r instanceof Reply.NotFound || r instanceof Reply.Conflict;
  }

  private static @Nullable VmAddress fitting(List<VmAddress> mine, NetworkNeed need) {
    VmAddress found = null;
    for (VmAddress a : mine) {
      VmAddressSpec s = a.getSpec();
      boolean fits =
          s.parentRef().interfaceName().equals(need.name())
              && s.mac().equals(need.mac())
              && a.getMetadata().getName().startsWith(prefix(need))
              && (need.fixedIp() == null || need.fixedIp().equals(s.ip()));
      // Two of one interface are what a leader left that was cut off: the first name stays.
      if (fits
          && (found == null
              || a.getMetadata().getName().compareTo(found.getMetadata().getName()) < 0)) {
        found = a;
      }
    }
    return found;
  }

  private Outcome give(VirtualMachine vm, NetworkNeed need) {
    String network = prefix(need);
    String holder = vm.getMetadata().getNamespace() + "/" + vm.getMetadata().getName();
    String other = book.noteMac(network, need.mac(), holder);
    if (other != null) {
      return refused(
          Reason.AddressInUse,
          "interfaces["
              + need.name()
              + "].mac: "
              + need.mac()
              + " is that of VM "
              + other
              + " on the same network; give this one another");
    }
    Outcome outcome = address(vm, need, network, holder);
    if (!(outcome instanceof Outcome.Given)) {
      book.forgetMac(network, need.mac(), holder);
    }
    return outcome;
  }

  private Outcome address(VirtualMachine vm, NetworkNeed need, String network, String holder) {
    AddressPool pool = AddressPool.of(need.network().getSpec(), need.subnet());
    for (int i = 0; i < TRIES; i++) {
      var refusal = new ArrayList<Problem>();
      Ipv4 ip =
          book.reserve(
              network,
              holder,
              holders ->
                  switch (pool.give(need.fixedIp(), null, holders)) {
                    case AddressPool.Given.Address a -> a.ip();
                    case AddressPool.Given.InUse u -> {
                      refusal.add(problem(Reason.AddressInUse, field(need) + u.message()));
                      yield null;
                    }
                    case AddressPool.Given.Refused r -> {
                      refusal.add(problem(Reason.NetworkFailed, field(need) + r.message()));
                      yield null;
                    }
                  });
      if (ip == null) {
        return new Outcome.Refused(refusal.getFirst());
      }
      Reply reply = api.create(ApiPath.all(ResourceKind.VmAddress, ""), tree(vm, need, ip));
      switch (reply) {
        case Reply.Done d -> {
          known.wrote(address(vm, need, ip, d.object()));
          return new Outcome.Given(
              List.of(
                  new InterfaceAddress(
                      need.name(), need.mac(), need.networkName(), ip.toString())));
        }
        case Reply.Exists _ -> {
          book.free(network, ip);
          book.taken(network, ip);
        }
        case Reply.Refused r -> {
          book.free(network, ip);
          return refused(Reason.NetworkFailed, "VmAddress for " + ip + ": " + r.message());
        }
        case Reply.Conflict c -> {
          book.free(network, ip);
          return new Outcome.TryAgain(c.message());
        }
        case Reply.NotFound _ -> {
          book.free(network, ip);
          return refused(Reason.NetworkFailed, "the cluster has no kind VmAddress; apply the CRDs");
        }
        // It may be there: the watch will tell, and the name keeps it single.
        case Reply.Unknown u -> {
          // Else each try while the API server is away would take one more.
          book.free(network, ip);
          return new Outcome.TryAgain(u.message());
        }
      }
    }
    return new Outcome.TryAgain("others took " + TRIES + " addresses first");
  }

  private static String prefix(NetworkNeed need) {
    return need.network()
        .getMetadata()
        .getUid()
        .replace("-", "")
        .substring(0, UID_DIGITS)
        .toLowerCase(java.util.Locale.ROOT);
  }

  private JsonNode tree(VirtualMachine vm, NetworkNeed need, Ipv4 ip) {
    return api.tree(address(vm, need, ip, null));
  }

  private static VmAddress address(
      VirtualMachine vm, NetworkNeed need, Ipv4 ip, @Nullable JsonNode made) {
    var a = new VmAddress();
    ObjectMeta meta = new ObjectMetaBuilder().withName(prefix(need) + "-" + ip).build();
    if (made != null) {
      meta.setUid(made.path("metadata").path("uid").asText());
      meta.setResourceVersion(made.path("metadata").path("resourceVersion").asText());
    }
    a.setMetadata(meta);
    a.setSpec(
        new VmAddressSpec(
            new ObjectRef(
                need.network().getMetadata().getName(),
                need.network().getMetadata().getNamespace()),
            ip.toString(),
            need.mac(),
            new VmAddressSpec.Parent(
                vm.getMetadata().getNamespace(),
                vm.getMetadata().getName(),
                vm.getMetadata().getUid(),
                need.name())));
    return a;
  }

  private static String field(NetworkNeed need) {
    return "interfaces[" + need.name() + "], network " + need.networkName() + ": ";
  }

  private static Outcome refused(Reason reason, String message) {
    return new Outcome.Refused(problem(reason, message));
  }

  private static Problem problem(Reason reason, String message) {
    return new Problem(VirtualMachineConditions.NETWORKS_READY, reason, message);
  }
}
