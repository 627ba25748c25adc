package dev.lodge.api.v1alpha1.virtualmachine;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import dev.lodge.api.common.*;
import io.fabric8.crd.generator.annotation.*;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import org.jspecify.annotations.Nullable;

/** A screen, reachable only through Lodge: the socket is private to the host. */
@JsonInclude(JsonInclude.Include.NON_NULL)
@ValidationRule(
    value = "!has(self.keymap) || !has(self.type) || self.type != 'None'",
    message = "keymap: there is no screen with graphics.type None; leave keymap out")
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
