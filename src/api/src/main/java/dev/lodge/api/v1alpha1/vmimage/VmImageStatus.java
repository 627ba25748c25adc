package dev.lodge.api.v1alpha1.vmimage;

import com.fasterxml.jackson.annotation.JsonClassDescription;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import dev.lodge.api.common.*;
import io.fabric8.crd.generator.annotation.*;
import io.fabric8.crdv2.generator.v1.SchemaCustomizer;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What is known of an image. */
@JsonClassDescription("What is known of the image; written by Lodge alone.")
@JsonInclude(JsonInclude.Include.NON_NULL)
@SchemaCustomizer(value = Schemas.class, input = "hosts=name;conditions=type")
public record VmImageStatus(
    @Nullable @JsonPropertyDescription("The generation of the spec that this status answers.")
        Long observedGeneration,
    @Nullable @Size(max = 71) @JsonPropertyDescription("sha256 of the file.") String digest,
    @Nullable
        @Size(max = 16)
        @JsonPropertyDescription("What it is: QCOW2, Raw, ISO, Kernel, Initrd or ROM.")
        String format,
    @Nullable
        @Size(max = 32)
        @JsonPropertyDescription("Size that a guest sees, rounded for people, e.g. 2.2Gi.")
        String virtualSize,
    @Nullable @Size(max = 1024) @JsonPropertyDescription("The nodes that have it.")
        List<Host> hosts,
    @Nullable @Size(max = 16) @JsonPropertyDescription("Conditions, each with its remedy.")
        List<Condition> conditions) {

  /** An image on a node. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Host(
      @Required @Size(max = 253) @JsonPropertyDescription("The node.") String name,
      @Nullable @Size(max = 32) @JsonPropertyDescription("Importing, Present or Failed.")
          String state,
      @Nullable
          @Size(max = 32)
          @JsonPropertyDescription("Space it takes, rounded for people, e.g. 412.5Mi.")
          String size,
      @Nullable @Min(0) @Max(100) @JsonPropertyDescription("Per cent fetched.") Integer progress) {}
}
