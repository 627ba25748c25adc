package dev.lodge.api.v1alpha1.virtualmachine;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import dev.lodge.api.common.*;
import io.fabric8.crd.generator.annotation.*;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Size;
import org.jspecify.annotations.Nullable;

/** A screen, reachable only through Lodge: the socket is private to the host. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Graphics(
    @Nullable @JsonPropertyDescription("VNC (default) or None.") Type type,
    @Nullable
        @Size(min = 2, max = 8)
        @Pattern("^[a-z]{2}(-[a-z]{2})?$")
        @JsonPropertyDescription("Keyboard layout, e.g. de; default: what the client sends.")
        String keymap) {

  public enum Type {
    VNC,
    None
  }
}
