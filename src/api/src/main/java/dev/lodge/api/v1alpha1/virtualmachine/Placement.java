package dev.lodge.api.v1alpha1.virtualmachine;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import dev.lodge.api.common.*;
import io.fabric8.crd.generator.annotation.*;
import io.fabric8.crdv2.generator.v1.SchemaCustomizer;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Where the VM may run, in the words of a pod's spec: the slot pod gets these fields, and the
 * cluster's own scheduler decides. Alone, on one machine, they decide nothing.
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@SchemaCustomizer(
    value = Schemas.class,
    input = "nodeSelector=labels;tolerations=atomic;topologySpreadConstraints=atomic")
public record Placement(
    @Nullable @JsonPropertyDescription("Labels that the node must have.")
        Map<String, String> nodeSelector,
    @Nullable @JsonPropertyDescription("Attraction to nodes and to other VMs.") Affinity affinity,
    @Nullable @Size(max = 32) @JsonPropertyDescription("Taints of nodes that the VM tolerates.")
        List<Toleration> tolerations,
    @Nullable
        @Size(max = 8)
        @JsonPropertyDescription("How evenly VMs spread over zones, nodes or the like.")
        List<TopologySpreadConstraint> topologySpreadConstraints,
    @Nullable
        @Size(min = 1, max = 253)
        @Pattern(Names.SUBDOMAIN)
        @JsonPropertyDescription("The PriorityClass of the VM.")
        String priorityClassName,
    @Nullable
        @Size(min = 1, max = 253)
        @Pattern(Names.SUBDOMAIN)
        @JsonPropertyDescription("The scheduler; default: the cluster's own.")
        String schedulerName) {

  /** Tolerance of a taint. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Toleration(
      @Nullable @Size(max = 316) @JsonPropertyDescription("The taint's key; absent: every taint.")
          String key,
      @Nullable @JsonPropertyDescription("Equal (default) or Exists.") TolerationOperator operator,
      @Nullable @Size(max = 63) @JsonPropertyDescription("The taint's value, for Equal.")
          String value,
      @Nullable
          @JsonPropertyDescription(
              "NoSchedule, PreferNoSchedule or NoExecute; absent: every effect.")
          TaintEffect effect,
      @Nullable
          @Min(0)
          @Max(31_536_000)
          @JsonPropertyDescription(
              "Seconds for which NoExecute is tolerated; absent: for ever. Then the VM is stopped and moved.")
          Long tolerationSeconds) {}

  public enum TolerationOperator {
    Equal,
    Exists
  }

  public enum TaintEffect {
    NoSchedule,
    PreferNoSchedule,
    NoExecute
  }

  /** Even spread of VMs. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record TopologySpreadConstraint(
      @Required
          @Min(1)
          @Max(1000)
          @JsonPropertyDescription("By how many VMs two domains may differ.")
          Integer maxSkew,
      @Required
          @Size(min = 1, max = 316)
          @JsonPropertyDescription(
              "The node label that makes a domain, e.g. kubernetes.io/hostname.")
          String topologyKey,
      @Required @JsonPropertyDescription("DoNotSchedule or ScheduleAnyway.")
          WhenUnsatisfiable whenUnsatisfiable,
      @Nullable @JsonPropertyDescription("Which VMs are counted, by the labels of their slot pods.")
          LabelSelector labelSelector) {}

  public enum WhenUnsatisfiable {
    DoNotSchedule,
    ScheduleAnyway
  }

  /** As a pod's affinity. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Affinity(
      @Nullable @JsonPropertyDescription("Attraction to nodes.") NodeAffinity nodeAffinity,
      @Nullable @JsonPropertyDescription("Attraction to other VMs and pods.")
          PodAffinity podAffinity,
      @Nullable @JsonPropertyDescription("Distance from other VMs and pods.")
          PodAffinity podAntiAffinity) {}

  /** Attraction to nodes. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  @SchemaCustomizer(
      value = Schemas.class,
      input = "preferredDuringSchedulingIgnoredDuringExecution=atomic")
  public record NodeAffinity(
      @Nullable @JsonPropertyDescription("Must hold when the VM is placed.")
          NodeSelector requiredDuringSchedulingIgnoredDuringExecution,
      @Nullable @Size(max = 16) @JsonPropertyDescription("Counts when nodes are compared.")
          List<PreferredNode> preferredDuringSchedulingIgnoredDuringExecution) {}

  /** Terms of which one must match. */
  @SchemaCustomizer(value = Schemas.class, input = "nodeSelectorTerms=atomic")
  public record NodeSelector(
      @Required @Size(min = 1, max = 16) @JsonPropertyDescription("One of these must match.")
          List<NodeTerm> nodeSelectorTerms) {}

  /** Requirements that must all hold. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  @SchemaCustomizer(value = Schemas.class, input = "matchExpressions=atomic;matchFields=atomic")
  public record NodeTerm(
      @Nullable @Size(max = 16) @JsonPropertyDescription("On the node's labels.")
          List<NodeRequirement> matchExpressions,
      @Nullable @Size(max = 4) @JsonPropertyDescription("On the node's fields: metadata.name.")
          List<NodeRequirement> matchFields) {}

  /** One requirement on a node. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  @SchemaCustomizer(value = Schemas.class, input = "values=set")
  public record NodeRequirement(
      @Required @Size(min = 1, max = 316) @JsonPropertyDescription("Key of the label or field.")
          String key,
      @Required @JsonPropertyDescription("In, NotIn, Exists, DoesNotExist, Gt or Lt.")
          NodeOperator operator,
      @Nullable @Size(max = 64) @JsonPropertyDescription("Values to compare with.")
          List<@Size(max = 253) String> values) {}

  public enum NodeOperator {
    In,
    NotIn,
    Exists,
    DoesNotExist,
    Gt,
    Lt
  }

  /** A term and how much it counts. */
  public record PreferredNode(
      @Required @Min(1) @Max(100) @JsonPropertyDescription("How much it counts.") Integer weight,
      @Required @JsonPropertyDescription("What counts.") NodeTerm preference) {}

  /** Attraction to, or distance from, pods. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  @SchemaCustomizer(
      value = Schemas.class,
      input =
          "requiredDuringSchedulingIgnoredDuringExecution=atomic;preferredDuringSchedulingIgnoredDuringExecution=atomic")
  public record PodAffinity(
      @Nullable @Size(max = 16) @JsonPropertyDescription("Must all hold when the VM is placed.")
          List<PodTerm> requiredDuringSchedulingIgnoredDuringExecution,
      @Nullable @Size(max = 16) @JsonPropertyDescription("Counts when nodes are compared.")
          List<PreferredPod> preferredDuringSchedulingIgnoredDuringExecution) {}

  /** Which pods, and what "near" means. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  @SchemaCustomizer(value = Schemas.class, input = "namespaces=set")
  public record PodTerm(
      @Required
          @Size(min = 1, max = 316)
          @JsonPropertyDescription(
              "The node label that makes a domain, e.g. kubernetes.io/hostname.")
          String topologyKey,
      @Nullable @JsonPropertyDescription("Labels of the pods; slot pods carry their VM's labels.")
          LabelSelector labelSelector,
      @Nullable
          @Size(max = 16)
          @JsonPropertyDescription("Namespaces of the pods; default: the VM's.")
          List<@Size(max = 63) String> namespaces,
      @Nullable @JsonPropertyDescription("Namespaces of the pods by their labels.")
          LabelSelector namespaceSelector) {}

  /** A term and how much it counts. */
  public record PreferredPod(
      @Required @Min(1) @Max(100) @JsonPropertyDescription("How much it counts.") Integer weight,
      @Required @JsonPropertyDescription("What counts.") PodTerm podAffinityTerm) {}
}
