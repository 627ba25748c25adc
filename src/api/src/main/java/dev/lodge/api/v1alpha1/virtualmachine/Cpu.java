package dev.lodge.api.v1alpha1.virtualmachine;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import dev.lodge.api.change.Change;
import dev.lodge.api.change.Change.Cost;
import dev.lodge.api.common.*;
import io.fabric8.crd.generator.annotation.*;
import io.fabric8.crdv2.generator.v1.SchemaCustomizer;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Virtual CPUs. */
@JsonInclude(JsonInclude.Include.NON_NULL)
@SchemaCustomizer(value = Schemas.class, input = "features=name")
@ValidationRule(
    value =
        "!has(self.topology) || self.topology.sockets * self.topology.cores * self.topology.threads == self.count",
    message = "cpu.topology: sockets * cores * threads must be cpu.count")
public record Cpu(
    @Required @Min(1) @Max(512) @JsonPropertyDescription("Number of virtual CPUs.") Integer count,
    @Nullable
        @Size(min = 1, max = 64)
        @Pattern("^[A-Za-z0-9][A-Za-z0-9._-]*$")
        @JsonPropertyDescription(
            "HostPassthrough (default with KVM), HostModel, Maximum, or a model's name; under emulation the default is Maximum.")
        String model,
    @Nullable
        @JsonPropertyDescription(
            "How strictly a named model is checked against the host: Partial (default), None, Full.")
        Check check,
    @Nullable @Size(max = 64) @JsonPropertyDescription("Single CPU features.")
        List<CpuFeature> features,
    @Nullable @JsonPropertyDescription("How the guest sees its CPUs; default: one socket a CPU.")
        Topology topology,
    @Nullable
        @Size(min = 1, max = 16)
        @Pattern("^([0-9]{1,6}m|[0-9]{1,4}(\\.[0-9]{1,3})?)$")
        @Change(Cost.LIVE)
        @JsonPropertyDescription(
            "CPUs that the scheduler counts, e.g. 0.5 or 500m; default: cpu.count by the installation's overcommit.")
        String request) {

  /** libvirt's {@code check} attribute. */
  public enum Check {
    Partial,
    None,
    Full
  }

  /** Sockets, cores, threads; their product is the number of CPUs. */
  public record Topology(
      @Required @Min(1) @Max(512) @JsonPropertyDescription("Sockets.") Integer sockets,
      @Required @Min(1) @Max(512) @JsonPropertyDescription("Cores in a socket.") Integer cores,
      @Required @Min(1) @Max(16) @JsonPropertyDescription("Threads in a core.") Integer threads) {}

  /** One CPU feature and what to do with it. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record CpuFeature(
      @Required
          @Size(min = 1, max = 64)
          @Pattern("^[a-z0-9][a-z0-9._-]*$")
          @JsonPropertyDescription("libvirt's name of the feature, e.g. vmx.")
          String name,
      @Nullable @JsonPropertyDescription("Require (default), Force, Optional, Disable or Forbid.")
          Policy policy) {}

  /** libvirt's feature policies. */
  public enum Policy {
    Require,
    Force,
    Optional,
    Disable,
    Forbid
  }
}
