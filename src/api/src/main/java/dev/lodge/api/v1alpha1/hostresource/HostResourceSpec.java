package dev.lodge.api.v1alpha1.hostresource;

import com.fasterxml.jackson.annotation.JsonClassDescription;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import dev.lodge.api.common.*;
import io.fabric8.crd.generator.annotation.*;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import org.jspecify.annotations.Nullable;

/** A name that an administrator gives to something of the hosts, so that VMs may use it. */
@JsonClassDescription("What of the hosts it names.")
@JsonInclude(JsonInclude.Include.NON_NULL)
@ValidationRule(
    value = "!self.path.split('/').exists(p, p == '..')",
    message = "path: must not contain '..'; write the path itself")
public record HostResourceSpec(
    @Required @JsonPropertyDescription("BlockDevice, Directory or File.") Type type,
    @Required
        @Size(min = 2, max = 1024)
        @Pattern(Names.ABSOLUTE_PATH)
        @JsonPropertyDescription("Absolute path on the host, without '..'.")
        String path,
    @Nullable @JsonPropertyDescription("ReadWrite (default) or ReadOnly.") Access access,
    @Nullable
        @JsonPropertyDescription(
            "Which namespaces may use it; default All, as the resource itself has none.")
        AllowedNamespaces allowedNamespaces) {

  public enum Type {
    BlockDevice,
    Directory,
    File
  }

  public enum Access {
    ReadWrite,
    ReadOnly
  }
}
