package dev.lodge.manifest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lodge.api.ResourceKind;
import dev.lodge.api.v1alpha1.hostresource.HostResourceSpec;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineSpec;
import dev.lodge.api.v1alpha1.vmimage.VmImageSpec;
import dev.lodge.api.v1alpha1.vmnetwork.VmNetworkSpec;
import dev.lodge.domain.validation.FieldProblem;
import dev.lodge.domain.validation.Nearest;
import dev.lodge.domain.validation.Validator;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Checks one object, wherever it came from: which kind it is, its metadata, its spec against the
 * schema, and then the rules that no schema can state. The reader of files and the API of the agent
 * use it alike.
 */
public final class ObjectCheck {
  private static final List<String> TOP =
      List.of("apiVersion", "kind", "metadata", "spec", "status");

  private ObjectCheck() {}

  /**
   * Finds the kind of an object.
   *
   * @param problems gets what is wrong with apiVersion and kind
   */
  public static Optional<ResourceKind> kind(JsonNode object, List<FieldProblem> problems) {
    String apiVersion = object.path("apiVersion").asText("");
    String kind = object.path("kind").asText("");
    if (!apiVersion.equals(ResourceKind.API_VERSION)) {
      problems.add(FieldProblem.error("apiVersion", apiVersionMend(apiVersion)));
    }
    Optional<ResourceKind> known =
        ResourceKind.wishes().stream().filter(k -> k.name().equals(kind)).findFirst();
    if (known.isEmpty()) {
      problems.add(FieldProblem.error("kind", kindMend(kind)));
    }
    return problems.stream().anyMatch(FieldProblem::isError) ? Optional.empty() : known;
  }

  private static String apiVersionMend(String apiVersion) {
    String mend = "write apiVersion: " + ResourceKind.API_VERSION;
    if (apiVersion.isEmpty()) {
      return "is missing; " + mend;
    }
    boolean otherVersion = apiVersion.startsWith(ResourceKind.GROUP + "/");
    return "'%s' is not known%s; %s"
        .formatted(
            Words.shorten(apiVersion),
            otherVersion ? "; the only version is " + ResourceKind.VERSION : "",
            mend);
  }

  private static String kindMend(String kind) {
    List<String> known = ResourceKind.wishes().stream().map(Enum::name).toList();
    String all = "known kinds: " + String.join(", ", known);
    if (ResourceKind.byName(kind).filter(k -> !k.wish()).isPresent()) {
      return "'%s' is written by Lodge itself, in a cluster; leave the object out".formatted(kind);
    }
    if (kind.isEmpty()) {
      return "is missing; " + all;
    }
    Optional<String> meant =
        ResourceKind.byName(kind).map(Enum::name).or(() -> Nearest.to(kind, known));
    return "'%s' is not known; %s"
        .formatted(
            Words.shorten(kind),
            meant.map(m -> "did you mean " + m + "? (" + all + ")").orElse(all));
  }

  /**
   * Checks an object of a known kind; members that are null are removed from it, as an API server
   * does, and {@code status} is not looked at.
   *
   * @return errors and warnings, in no particular order
   */
  public static List<FieldProblem> check(ResourceKind kind, ObjectNode object) {
    List<FieldProblem> problems = new ArrayList<>();
    JsonNode schema = CrdCatalog.openApiSchema(kind);
    object.fieldNames().forEachRemaining(name -> top(name, schema, problems));
    problems.addAll(new MetadataCheck().check(kind, object.path("metadata")));
    JsonNode spec = object.path("spec");
    if (spec.isMissingNode() || spec.isNull()) {
      problems.add(
          FieldProblem.error("spec", "is missing; it says what the " + kind + " shall be"));
      return problems;
    }
    problems.addAll(
        new SchemaCheck(schema).check(schema.path("properties").path("spec"), spec, "spec"));
    if (problems.stream().noneMatch(p -> p.path().startsWith("spec"))) {
      problems.addAll(rules(kind, object));
    }
    return problems;
  }

  /** The rules beyond the schema; they may rely on it. */
  private static List<FieldProblem> rules(ResourceKind kind, ObjectNode object) {
    return switch (kind) {
      case VirtualMachine -> {
        VirtualMachineSpec spec = LodgeJson.spec(object, VirtualMachineSpec.class);
        List<FieldProblem> found = new ArrayList<>(Validator.validate(spec));
        CloudConfig.check(spec.cloudInit(), found);
        yield found;
      }
      case VmNetwork -> Validator.validate(LodgeJson.spec(object, VmNetworkSpec.class));
      case VmImage -> Validator.validate(LodgeJson.spec(object, VmImageSpec.class));
      case HostResource -> Validator.validate(LodgeJson.spec(object, HostResourceSpec.class));
      case VmHost, VmAddress, VmDiskClaim -> List.of();
    };
  }

  /**
   * What of a change is refused, because the field cannot change.
   *
   * @param before the object as it is; it was checked when it came
   * @param after checked by {@link #check} without errors
   */
  public static List<FieldProblem> checkUpdate(
      ResourceKind kind, ObjectNode before, ObjectNode after) {
    return switch (kind) {
      case VirtualMachine ->
          Validator.validateUpdate(
              LodgeJson.spec(before, VirtualMachineSpec.class),
              LodgeJson.spec(after, VirtualMachineSpec.class));
      case VmImage ->
          Validator.validateUpdate(
              LodgeJson.spec(before, VmImageSpec.class), LodgeJson.spec(after, VmImageSpec.class));
      case VmNetwork, HostResource, VmHost, VmAddress, VmDiskClaim -> List.of();
    };
  }

  private static void top(String name, JsonNode schema, List<FieldProblem> problems) {
    if (TOP.contains(name)) {
      return;
    }
    String meant =
        Nearest.to(name, TOP)
            .map(n -> "; did you mean " + n + "?")
            .or(() -> SchemaSearch.pathOf(schema, name).map(p -> "; it belongs to " + p))
            .orElse("; known here: " + String.join(", ", TOP));
    problems.add(FieldProblem.error(Positions.member("", name), "no such field" + meant));
  }
}
