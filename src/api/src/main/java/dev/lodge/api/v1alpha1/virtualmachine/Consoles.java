package dev.lodge.api.v1alpha1.virtualmachine;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import dev.lodge.api.common.*;
import io.fabric8.crd.generator.annotation.*;
import org.jspecify.annotations.Nullable;

/** Text consoles; each is logged in a ring, also while nobody looks. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Consoles(
    @Nullable @JsonPropertyDescription("A virtio console, /dev/hvc0 in the guest: {}.")
        Console virtio,
    @Nullable @JsonPropertyDescription("A serial port, /dev/ttyS0 in the guest: {}.")
        Console serial) {

  /** A console; no settings yet. */
  public record Console() {}
}
