package dev.lodge.api.v1alpha1.virtualmachine;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import dev.lodge.api.common.*;
import io.fabric8.crd.generator.annotation.*;
import io.fabric8.generator.annotation.ValidationRule;
import org.jspecify.annotations.Nullable;

/** Where a disk's content comes from: exactly one member. */
@JsonInclude(JsonInclude.Include.NON_NULL)
@ValidationRule(
    value =
        "(has(self.imageRef) ? 1 : 0) + (has(self.hostResourceRef) ? 1 : 0) + (has(self.claimRef) ? 1 : 0) + (has(self.blank) ? 1 : 0) == 1",
    message = "source: exactly one of imageRef, hostResourceRef, claimRef and blank")
public record DiskSource(
    @Nullable
        @JsonPropertyDescription(
            "A VmImage, cloned as 'clone' says; a CDROM reads the image itself.")
        ObjectRef imageRef,
    @Nullable
        @JsonPropertyDescription(
            "A HostResource of type BlockDevice or File, or Directory with a path; used in place.")
        HostResourceRef hostResourceRef,
    @Nullable
        @JsonPropertyDescription(
            "A PersistentVolumeClaim of the VM's namespace: a block device, or disk.img in its file system. In a cluster.")
        LocalRef claimRef,
    @Nullable @JsonPropertyDescription("A new empty disk: {}.") Blank blank) {

  /** A new empty disk. */
  public record Blank() {}
}
