package dev.lodge.api.v1alpha1.vmimage;

import com.fasterxml.jackson.annotation.JsonClassDescription;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import dev.lodge.api.change.Change;
import dev.lodge.api.change.Change.Cost;
import dev.lodge.api.common.*;
import io.fabric8.crd.generator.annotation.*;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import org.jspecify.annotations.Nullable;

/** An image: where it comes from and what it must be. Imported once per node, on demand. */
@JsonClassDescription("Where the image comes from and what it must be.")
@JsonInclude(JsonInclude.Include.NON_NULL)
@ValidationRule(
    value =
        "!has(self.source.http) || has(self.checksum) || (has(self.verification) && self.verification == 'None')",
    message =
        "checksum: an http source needs one (sha256:<64 hex digits> or sha512:<128 hex digits>); set verification: None to go without")
@ValidationRule(
    value = "self.source == oldSelf.source",
    message = "source: cannot change; make a new VmImage under another name")
@ValidationRule(
    value =
        "has(self.checksum) == has(oldSelf.checksum) && (!has(self.checksum) || self.checksum == oldSelf.checksum)",
    message = "checksum: cannot change; make a new VmImage under another name")
public record VmImageSpec(
    @Required
        @Change(Cost.IMMUTABLE)
        @JsonPropertyDescription("Where it comes from: exactly one member.")
        Source source,
    @Nullable
        @Size(max = 135)
        @Pattern("^(sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$")
        @Change(Cost.IMMUTABLE)
        @JsonPropertyDescription(
            "sha256:<64 hex digits> or sha512:<128 hex digits> of the file as it is fetched, as its publisher gives it.")
        String checksum,
    @Nullable
        @JsonPropertyDescription(
            "Required (default) or None: an http source may go without a checksum.")
        Verification verification,
    @Nullable
        @JsonPropertyDescription(
            "QCOW2, Raw, ISO, Kernel, Initrd or ROM; absent: what the header says.")
        Format format,
    @Nullable @JsonPropertyDescription("Which namespaces may use it; default Same.")
        AllowedNamespaces allowedNamespaces) {

  public enum Verification {
    Required,
    None
  }

  public enum Format {
    QCOW2,
    Raw,
    ISO,
    Kernel,
    Initrd,
    ROM
  }

  /** Where an image comes from. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  @ValidationRule(
      value =
          "(has(self.http) ? 1 : 0) + (has(self.hostResourceRef) ? 1 : 0) + (has(self.registry) ? 1 : 0) == 1",
      message = "source: exactly one of http, registry and hostResourceRef")
  public record Source(
      @Nullable @JsonPropertyDescription("Fetched from a web server.") Http http,
      @Nullable @JsonPropertyDescription("A file of the host.") HostResourceRef hostResourceRef,
      @Nullable
          @JsonPropertyDescription(
              "An OCI image that carries the disk under /disk, as KubeVirt's containerDisks do. In a cluster.")
          Registry registry) {}

  /** An image of a container registry, pulled by the kubelet of the node. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Registry(
      @Required
          @Size(min = 1, max = 512)
          @Pattern("^[A-Za-z0-9][A-Za-z0-9._:/@-]*$")
          @JsonPropertyDescription("The reference, e.g. quay.io/containerdisks/debian:12.")
          String reference,
      @Nullable
          @JsonPropertyDescription(
              "A Secret of type kubernetes.io/dockerconfigjson in the VM's namespace.")
          LocalRef pullSecretRef) {}

  /** A web server. */
  public record Http(
      @Required
          @Size(min = 8, max = 2048)
          @Pattern("^https?://[^\\x00-\\x20\\x7f]+$")
          @JsonPropertyDescription("http:// or https:// address.")
          String url) {}
}
