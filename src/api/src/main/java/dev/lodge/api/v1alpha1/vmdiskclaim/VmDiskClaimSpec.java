package dev.lodge.api.v1alpha1.vmdiskclaim;

import com.fasterxml.jackson.annotation.JsonClassDescription;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;

/** Who may write the disk. */
@JsonClassDescription("Who may write the disk.")
public record VmDiskClaimSpec(
    @Required @JsonPropertyDescription("The VM that may write the disk.") Holder holder) {

  /** A disk of a VM. */
  public record Holder(
      @Required @Size(min = 1, max = 63) @JsonPropertyDescription("The VM's namespace.")
          String namespace,
      @Required @Size(min = 1, max = 63) @JsonPropertyDescription("The VM's name.") String name,
      @Required @Size(min = 1, max = 64) @JsonPropertyDescription("The VM's UID.") String uid,
      @Required
          @Size(min = 1, max = 63)
          @JsonPropertyDescription("Name of the disk in the VM's spec.")
          String disk) {}
}
