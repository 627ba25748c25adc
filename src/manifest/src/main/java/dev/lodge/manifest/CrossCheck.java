package dev.lodge.manifest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lodge.api.ResourceKind;
import dev.lodge.api.v1alpha1.hostresource.HostResourceSpec;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineSpec;
import dev.lodge.api.v1alpha1.vmimage.VmImageSpec;
import dev.lodge.api.v1alpha1.vmnetwork.VmNetworkSpec;
import dev.lodge.domain.validation.CrossRules;
import dev.lodge.domain.validation.FieldProblem;
import dev.lodge.domain.validation.Inventory;
import dev.lodge.domain.validation.Known;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Checks objects beside all others (see {@link CrossRules}). Specs are kept as records between
 * calls, so that a check beside a hundred machines need not map a hundred trees. For one thread at
 * a time.
 */
public final class CrossCheck {
  private final String installationNamespace;
  private Map<String, Known<?>> mapped = new HashMap<>();
  private Map<String, JsonNode> mappedFrom = new HashMap<>();

  /**
   * @param installationNamespace where the network {@code default} of all namespaces is
   */
  public CrossCheck(String installationNamespace) {
    this.installationNamespace = installationNamespace;
  }

  /**
   * What is wrong with an object beside the others.
   *
   * @param candidate checked by {@link ObjectCheck#check} without errors
   * @param others all objects; an older version of the candidate among them counts for nothing
   */
  public List<FieldProblem> check(ObjectNode candidate, Iterable<ObjectNode> others) {
    Inventory inventory = inventory(others);
    return switch (map(candidate)) {
      case Known<?>(String ns, String name, VirtualMachineSpec spec) ->
          CrossRules.machine(new Known<>(ns, name, spec), inventory);
      case Known<?>(String ns, String name, VmNetworkSpec spec) ->
          CrossRules.network(new Known<>(ns, name, spec), inventory);
      case Known<?>(String ns, String name, VmImageSpec spec) ->
          CrossRules.image(new Known<>(ns, name, spec), inventory);
      default -> List.of();
    };
  }

  private Inventory inventory(Iterable<ObjectNode> objects) {
    var machines = new ArrayList<Known<VirtualMachineSpec>>();
    var networks = new ArrayList<Known<VmNetworkSpec>>();
    var images = new ArrayList<Known<VmImageSpec>>();
    var resources = new ArrayList<Known<HostResourceSpec>>();
    Map<String, Known<?>> kept = new HashMap<>();
    Map<String, JsonNode> keptFrom = new HashMap<>();
    for (ObjectNode object : objects) {
      String key = key(object);
      Known<?> known = mapped.get(key);
      JsonNode spec = object.path("spec");
      if (known == null || !spec.equals(mappedFrom.get(key))) {
        known = map(object);
      }
      kept.put(key, known);
      keptFrom.put(key, spec);
      switch (known.spec()) {
        case VirtualMachineSpec s -> machines.add(new Known<>(known.namespace(), known.name(), s));
        case VmNetworkSpec s -> networks.add(new Known<>(known.namespace(), known.name(), s));
        case VmImageSpec s -> images.add(new Known<>(known.namespace(), known.name(), s));
        case HostResourceSpec s -> resources.add(new Known<>(known.namespace(), known.name(), s));
        default -> throw new IllegalStateException("no such kind: " + key);
      }
    }
    mapped = kept;
    mappedFrom = keptFrom;
    return new Inventory(installationNamespace, machines, networks, images, resources);
  }

  private static String key(ObjectNode object) {
    JsonNode metadata = object.path("metadata");
    return object.path("kind").asText()
        + "/"
        + metadata.path("namespace").asText("")
        + "/"
        + metadata.path("name").asText();
  }

  private static Known<?> map(ObjectNode object) {
    ResourceKind kind = ResourceKind.valueOf(object.path("kind").asText());
    String namespace = object.path("metadata").path("namespace").asText("");
    String name = object.path("metadata").path("name").asText();
    return switch (kind) {
      case VirtualMachine ->
          new Known<>(namespace, name, LodgeJson.spec(object, VirtualMachineSpec.class));
      case VmNetwork -> new Known<>(namespace, name, LodgeJson.spec(object, VmNetworkSpec.class));
      case VmImage -> new Known<>(namespace, name, LodgeJson.spec(object, VmImageSpec.class));
      case HostResource ->
          new Known<>(namespace, name, LodgeJson.spec(object, HostResourceSpec.class));
      case VmHost, VmAddress, VmDiskClaim ->
          throw new IllegalArgumentException(kind + " is no wish");
    };
  }
}
