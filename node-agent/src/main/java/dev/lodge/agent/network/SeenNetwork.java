package dev.lodge.agent.network;

import dev.lodge.agent.store.ObjectKey;
import dev.lodge.agent.store.StoredObject;
import dev.lodge.api.common.AllowedNamespaces;
import dev.lodge.api.v1alpha1.vmnetwork.VmNetworkSpec;
import dev.lodge.domain.machine.DomainNames;
import dev.lodge.domain.machine.NetworkPlan;
import dev.lodge.domain.network.AddressPool;
import dev.lodge.domain.network.LeaseNames;
import dev.lodge.domain.network.Subnet;
import dev.lodge.manifest.LodgeJson;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * A network as it was seen, with the subnet that it has or is about to get, and all that follows
 * from it. Pure.
 */
record SeenNetwork(StoredObject object, VmNetworkSpec spec, Subnet subnet) {
  /** The name of the network that is made by itself. */
  static final String DEFAULT = "default";

  /**
   * The network with its subnet.
   *
   * @param taken subnets that a new one must not overlap
   * @return empty: there is no subnet left for it
   */
  static Optional<SeenNetwork> of(StoredObject object, Supplier<List<Subnet>> taken) {
    VmNetworkSpec spec = LodgeJson.read(object.spec(), VmNetworkSpec.class);
    if (spec.ipv4() != null) {
      return Subnet.parse(spec.ipv4().cidr()).map(s -> new SeenNetwork(object, spec, s));
    }
    Optional<Subnet> kept = Subnet.parse(object.status().path("cidr").asText(""));
    return (kept.isPresent() ? kept : AddressPool.freeSubnet(taken.get()))
        .map(s -> new SeenNetwork(object, spec, s));
  }

  /** What libvirt calls a network. */
  static String libvirtName(ObjectKey network) {
    return DomainNames.network(network.namespace(), network.name());
  }

  /** Why a VM of this namespace may not use it; empty: it may. */
  static Optional<String> notAllowed(
      StoredObject object, String namespace, String installationNamespace) {
    AllowedNamespaces.From fallback =
        object.name().equals(DEFAULT) && object.namespace().equals(installationNamespace)
            ? AllowedNamespaces.From.All
            : AllowedNamespaces.From.Same;
    boolean allowed =
        AllowedNamespaces.allows(
            LodgeJson.read(object.spec(), VmNetworkSpec.class).allowedNamespaces(),
            fallback,
            object.namespace(),
            namespace);
    return allowed
        ? Optional.empty()
        : Optional.of(
            "VmNetwork %s/%s may not be used from namespace %s; set its spec.allowedNamespaces.from: All"
                .formatted(object.namespace(), object.name(), namespace));
  }

  ObjectKey key() {
    return object.key();
  }

  AddressPool pool() {
    return AddressPool.of(spec, subnet);
  }

  /** What libvirt shall build. */
  NetworkPlan plan(List<LeaseNames.Lease> leases) {
    return new NetworkPlan(
        libvirtName(key()),
        object.uid(),
        object.uid(),
        DomainNames.bridge(key().namespace(), key().name()),
        pool().gateway().toString(),
        subnet.prefix(),
        spec.dns() == null ? null : spec.dns().domain(),
        LeaseNames.hosts(key().namespace(), leases));
  }

  /** A subnet that the host routes elsewhere would cut the host off from it. */
  Optional<String> clash(NetworkPlan plan, List<HostRoutes.Route> routes) {
    return routes.stream()
        .filter(r -> !r.device().equals(plan.bridge()) && r.subnet().overlaps(subnet))
        .map(
            r ->
                "ipv4.cidr %s overlaps %s, which this host reaches through %s; choose another"
                    .formatted(subnet, r.subnet(), r.device()))
        .findFirst();
  }
}
