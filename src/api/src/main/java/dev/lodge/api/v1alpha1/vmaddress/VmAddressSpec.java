package dev.lodge.api.v1alpha1.vmaddress;

import com.fasterxml.jackson.annotation.JsonClassDescription;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import dev.lodge.api.common.*;
import io.fabric8.crd.generator.annotation.*;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;

/** Who has the address, and where. */
@JsonClassDescription("Who has the address, and on which network.")
@JsonInclude(JsonInclude.Include.NON_NULL)
public record VmAddressSpec(
    @Required @JsonPropertyDescription("The VmNetwork.") ObjectRef networkRef,
    @Required @Size(min = 2, max = 45) @JsonPropertyDescription("The address.") String ip,
    @Required
        @Size(min = 17, max = 17)
        @Pattern("^([0-9a-f]{2}:){5}[0-9a-f]{2}$")
        @JsonPropertyDescription("MAC address of the interface.")
        String mac,
    @Required @JsonPropertyDescription("The interface that has it.") Parent parentRef) {

  /** An interface of a VM. */
  public record Parent(
      @Required @Size(min = 1, max = 63) @JsonPropertyDescription("The VM's namespace.")
          String namespace,
      @Required @Size(min = 1, max = 63) @JsonPropertyDescription("The VM's name.") String name,
      @Required @Size(min = 1, max = 64) @JsonPropertyDescription("The VM's UID.") String uid,
      @Required
          @Size(min = 1, max = 63)
          @JsonPropertyDescription("Name of the interface in the VM's spec.")
          String interfaceName) {}
}
