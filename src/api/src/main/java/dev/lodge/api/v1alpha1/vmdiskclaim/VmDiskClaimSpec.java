package dev.lodge.api.v1alpha1.vmdiskclaim;

import com.fasterxml.jackson.annotation.JsonClassDescription;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import dev.lodge.api.common.Schemas;
import io.fabric8.crdv2.generator.v1.SchemaCustomizer;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Who may write the disk.
 *
 * @param sharers further VMs, of a claim whose access is Shared
 */
@JsonClassDescription("Who may write the disk.")
@JsonInclude(JsonInclude.Include.NON_NULL)
@SchemaCustomizer(value = Schemas.class, input = "sharers=uid")
public record VmDiskClaimSpec(
    @Required @JsonPropertyDescription("The VM that may write the disk.") Holder holder,
    @Nullable
        @JsonPropertyDescription(
            "Exclusive (default), or Shared: all who hold it said that guests share the disk.")
        Access access,
    @Nullable
        @Size(max = 63)
        @JsonPropertyDescription("Further VMs that may write the disk; with access Shared only.")
        List<Holder> sharers) {

  /** Whether one VM writes, or several. */
  public enum Access {
    Exclusive,
    Shared
  }

  /** A disk of a VM. */
  public record Holder(
      @Required @Size(min = 1, max = 63) @JsonPropertyDescription("The VM's namespace.")
          String namespace,
      @Required @Size(min = 1, max = 63) @JsonPropertyDescription("The VM's name.") String name,
      @Required @Size(min = 1, max = 64) @JsonPropertyDescription("The VM's UID.") String uid,
      @Required
          @Size(min = 1, max = 63)
          @JsonPropertyDescription("Name of the disk in the VM's spec.")
          String disk,
      @Nullable
          @Min(1)
          @Max(1_000_000_000_000L)
          @JsonPropertyDescription(
              "The VM's epoch from which on it holds the disk; it may be let go once this epoch, or a later one, is released.")
          Long epoch) {}
}
