package dev.lodge.api.v1alpha1.virtualmachine;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import dev.lodge.api.common.*;
import io.fabric8.crd.generator.annotation.*;
import io.fabric8.generator.annotation.ValidationRule;
import org.jspecify.annotations.Nullable;

/** A file for QEMU: from an image, or a file of the host that an administrator has named. */
@JsonInclude(JsonInclude.Include.NON_NULL)
@ValidationRule(
    value = "has(self.imageRef) != has(self.hostResourceRef)",
    message = "imageRef: give exactly one of imageRef and hostResourceRef")
public record FileRef(
    @Nullable @JsonPropertyDescription("A VmImage.") ObjectRef imageRef,
    @Nullable @JsonPropertyDescription("A HostResource of type File, or Directory with a path.")
        HostResourceRef hostResourceRef) {}
