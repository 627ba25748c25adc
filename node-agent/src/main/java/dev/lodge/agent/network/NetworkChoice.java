package dev.lodge.agent.network;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lodge.agent.store.ObjectKey;
import dev.lodge.agent.store.ObjectStore;
import dev.lodge.agent.store.StoreException;
import dev.lodge.agent.store.StoredObject;
import dev.lodge.api.ResourceKind;
import dev.lodge.api.common.ObjectRef;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineConditions.Reason;
import dev.lodge.domain.network.Subnet;
import dev.lodge.manifest.LodgeJson;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Which network an interface means, and whether its VM may use it. */
final class NetworkChoice {
  private final ObjectStore store;
  private final String installationNamespace;
  private final Supplier<List<HostRoutes.Route>> routes;

  NetworkChoice(
      ObjectStore store, String installationNamespace, Supplier<List<HostRoutes.Route>> routes) {
    this.store = store;
    this.installationNamespace = installationNamespace;
    this.routes = routes;
  }

  /** A network, or why there is none. */
  sealed interface Choice {
    record Yes(SeenNetwork network) implements Choice {}

    record No(Reason reason, String message) implements Choice {}
  }

  /** What a VM of this namespace means; the installation's own network is made if need be. */
  Choice choose(String namespace, @Nullable ObjectRef ref) {
    Optional<StoredObject> found = meant(namespace, ref);
    if (found.isEmpty()) {
      return new Choice.No(
          Reason.NotFound,
          "VmNetwork " + owner(namespace, ref) + " does not exist; apply it first");
    }
    StoredObject object = found.get();
    if (object.deleting()) {
      return new Choice.No(
          Reason.NotFound,
          "VmNetwork " + object.namespace() + "/" + object.name() + " is being deleted");
    }
    Optional<String> refused = SeenNetwork.notAllowed(object, namespace, installationNamespace);
    if (refused.isPresent()) {
      return new Choice.No(Reason.NotAllowed, refused.get());
    }
    return see(object)
        .<Choice>map(Choice.Yes::new)
        .orElseGet(
            () ->
                new Choice.No(
                    Reason.NetworkFailed,
                    "no free /24 is left in 10.127.0.0/16; set ipv4.cidr in VmNetwork "
                        + object.name()));
  }

  /** The network with the subnet that it has, or gets now. */
  Optional<SeenNetwork> see(StoredObject object) {
    return SeenNetwork.of(object, this::taken);
  }

  private Optional<StoredObject> meant(String namespace, @Nullable ObjectRef ref) {
    boolean installations =
        ref == null
            || ref.name().equals(SeenNetwork.DEFAULT)
                && (ref.namespace() == null || ref.namespace().equals(installationNamespace));
    if (installations || ref == null) {
      return find(namespace, SeenNetwork.DEFAULT)
          .or(() -> find(installationNamespace, SeenNetwork.DEFAULT))
          .or(() -> Optional.of(makeDefault()));
    }
    return find(ref.namespace() == null ? namespace : ref.namespace(), ref.name());
  }

  private static String owner(String namespace, @Nullable ObjectRef ref) {
    if (ref == null) {
      return SeenNetwork.DEFAULT;
    }
    return (ref.namespace() == null ? namespace : ref.namespace()) + "/" + ref.name();
  }

  private Optional<StoredObject> find(String namespace, String name) {
    return store.get(new ObjectKey(ResourceKind.VmNetwork, namespace, name));
  }

  /** The installation's network is made when the first VM needs it. */
  private StoredObject makeDefault() {
    ObjectNode manifest = LodgeJson.mapper().createObjectNode();
    manifest.put("apiVersion", ResourceKind.API_VERSION).put("kind", "VmNetwork");
    manifest
        .putObject("metadata")
        .put("name", SeenNetwork.DEFAULT)
        .put("namespace", installationNamespace);
    manifest.putObject("spec").putObject("nat");
    try {
      return store.create(manifest);
    } catch (StoreException e) {
      // A manifest of the same name came in between.
      return find(installationNamespace, SeenNetwork.DEFAULT).orElseThrow(() -> e);
    }
  }

  private List<Subnet> taken() {
    var taken = new ArrayList<Subnet>();
    routes.get().forEach(r -> taken.add(r.subnet()));
    for (StoredObject n : store.list(ResourceKind.VmNetwork).items()) {
      Subnet.parse(n.status().path("cidr").asText("")).ifPresent(taken::add);
      Subnet.parse(n.spec().path("ipv4").path("cidr").asText("")).ifPresent(taken::add);
    }
    return taken;
  }
}
