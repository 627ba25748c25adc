package dev.lodge.api.v1alpha1.hostresource;

import com.fasterxml.jackson.annotation.JsonClassDescription;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import dev.lodge.api.common.*;
import io.fabric8.crd.generator.annotation.*;
import io.fabric8.crdv2.generator.v1.SchemaCustomizer;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A name that an administrator gives to something of the hosts, so that VMs may use it. */
@JsonClassDescription("What of the hosts it names.")
@JsonInclude(JsonInclude.Include.NON_NULL)
@SchemaCustomizer(value = Schemas.class, input = "perHost=host")
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
    @Nullable @Size(max = 256) @JsonPropertyDescription("Hosts on which the path is another one.")
        List<PathOnHost> perHost,
    @Nullable
        @JsonPropertyDescription(
            "Node (default): each host has one of its own. Shared: the same thing, seen from every host.")
        Scope scope,
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

  /** The path on one host. */
  @ValidationRule(
      value = "!self.path.split('/').exists(p, p == '..')",
      message = "path: must not contain '..'; write the path itself")
  public record PathOnHost(
      @Required @Size(min = 1, max = 253) @JsonPropertyDescription("The node's name.") String host,
      @Required
          @Size(min = 2, max = 1024)
          @Pattern(Names.ABSOLUTE_PATH)
          @JsonPropertyDescription("Absolute path on that host, without '..'.")
          String path) {}

  /** Whether hosts see one thing or each its own. */
  public enum Scope {
    Node,
    Shared
  }

  /** The path on a host. */
  public String pathOn(String host) {
    return perHost == null
        ? path
        : perHost.stream()
            .filter(p -> p.host().equals(host))
            .map(PathOnHost::path)
            .findFirst()
            .orElse(path);
  }

  public enum Access {
    ReadWrite,
    ReadOnly
  }
}
