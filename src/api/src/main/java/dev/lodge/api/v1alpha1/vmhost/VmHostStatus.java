package dev.lodge.api.v1alpha1.vmhost;

import com.fasterxml.jackson.annotation.JsonClassDescription;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import dev.lodge.api.common.*;
import io.fabric8.crd.generator.annotation.*;
import io.fabric8.crdv2.generator.v1.SchemaCustomizer;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What is known of a host: by its agent, but for fencedThrough, which the operator writes. */
@JsonClassDescription("What is known of the host; written by its agent and the operator alone.")
@JsonInclude(JsonInclude.Include.NON_NULL)
@SchemaCustomizer(value = Schemas.class, input = "conditions=type;pools=name")
public record VmHostStatus(
    @Nullable
        @Size(max = 64)
        @JsonPropertyDescription(
            "The machine's /etc/machine-id; a second machine of this name is refused by it.")
        String machineID,
    @Nullable @Size(max = 64) @JsonPropertyDescription("The kernel's boot_id.") String bootID,
    @Nullable
        @Min(1)
        @JsonPropertyDescription("Rises by one with every boot; boot IDs have no order, this has.")
        Long bootGeneration,
    @Nullable
        @Min(0)
        @JsonPropertyDescription(
            "Boots up to this one are over for certain: the node was shot or taken out of service. Written by the operator.")
        Long fencedThrough,
    @Nullable
        @JsonPropertyDescription(
            "The node carried the taint out-of-service when this boot began: that taint tells of an earlier boot. Written by the agent with bootID.")
        Boolean taintedAtBoot,
    @Nullable
        @JsonPropertyDescription(
            "The taint out-of-service that the node carries was turned into fencedThrough; it tells of no later boot. Written by the operator.")
        Boolean taintSeen,
    @Nullable @JsonPropertyDescription("What the host can do.") Capabilities capabilities,
    @Nullable @JsonPropertyDescription("The agent that serves the host.") Agent agent,
    @Nullable @Size(max = 64) @JsonPropertyDescription("Places for disks and how full they are.")
        List<Pool> pools,
    @Nullable @Size(max = 16) @JsonPropertyDescription("Conditions, each with its remedy.")
        List<Condition> conditions) {

  /** Nothing known yet. */
  public static VmHostStatus empty() {
    return new VmHostStatus(null, null, null, null, null, null, null, null, null, null);
  }

  /** What a scheduler and a user must know of the host. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  @SchemaCustomizer(value = Schemas.class, input = "machineTypes=set;cpuModels=set;cpuFeatures=set")
  public record Capabilities(
      @Nullable @Size(max = 16) @JsonPropertyDescription("x86_64.") String architecture,
      @Nullable @Size(max = 32) @JsonPropertyDescription("Version of libvirt.")
          String libvirtVersion,
      @Nullable @Size(max = 32) @JsonPropertyDescription("Version of QEMU.") String qemuVersion,
      @Nullable @JsonPropertyDescription("KVM can be used.") Boolean kvm,
      @Nullable
          @Size(max = 64)
          @JsonPropertyDescription("CPU model of the host, as libvirt names it.")
          String hostCpuModel,
      @Nullable @Size(max = 256) @JsonPropertyDescription("Machine types.")
          List<@Size(max = 64) String> machineTypes,
      @Nullable @Size(max = 256) @JsonPropertyDescription("CPU models that guests can have.")
          List<@Size(max = 64) String> cpuModels,
      @Nullable @Size(max = 512) @JsonPropertyDescription("CPU features that guests can have.")
          List<@Size(max = 64) String> cpuFeatures) {}

  /** The agent on the host. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Agent(
      @Nullable @Size(max = 64) @JsonPropertyDescription("Version of the agent.") String version,
      @Nullable @Size(max = 64) @JsonPropertyDescription("Of the agent's process.") String nonce,
      @Nullable @Size(max = 256) @JsonPropertyDescription("Where it serves streams.")
          String endpoint,
      @Nullable @Size(max = 80) @JsonPropertyDescription("SHA-256 of its certificate.")
          String fingerprint) {}

  /** A place for disks. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Pool(
      @Required @Size(min = 1, max = 63) @JsonPropertyDescription("Name.") String name,
      @Nullable @Size(max = 32) @JsonPropertyDescription("Size.") String size,
      @Nullable @Size(max = 32) @JsonPropertyDescription("Free space.") String free) {}
}
