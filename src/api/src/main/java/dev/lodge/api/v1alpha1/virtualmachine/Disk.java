package dev.lodge.api.v1alpha1.virtualmachine;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import dev.lodge.api.change.Change;
import dev.lodge.api.change.Change.Cost;
import dev.lodge.api.common.*;
import io.fabric8.crd.generator.annotation.*;
import io.fabric8.crdv2.generator.v1.SchemaCustomizer;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import org.jspecify.annotations.Nullable;

/** A disk or CD-ROM. */
@JsonInclude(JsonInclude.Include.NON_NULL)
@SchemaCustomizer(value = Schemas.class, input = "size=quantity")
@ValidationRule(
    value = "has(self.source) || (has(self.device) && self.device == 'CDROM')",
    message =
        "source: a disk needs one (imageRef, hostResourceRef, claimRef or blank); only a CDROM may be empty")
@ValidationRule(
    value = "!has(self.source) || !has(self.source.blank) || has(self.size)",
    message = "size: a blank disk needs one, e.g. size: 10Gi")
@ValidationRule(
    value =
        "!has(self.size) || quantity(string(self.size)).compareTo(quantity('1Mi')) >= 0 && quantity(string(self.size)).compareTo(quantity('64Ti')) <= 0",
    message = "size: must be between 1Mi and 64Ti")
@ValidationRule(
    value =
        "!has(self.size) || !has(self.source) || !(has(self.source.hostResourceRef) || has(self.source.claimRef))",
    message = "size: a host resource or a claim has its own size; leave size out")
@ValidationRule(
    value = "!has(self.device) || self.device != 'CDROM' || !has(self.bus) || self.bus != 'Virtio'",
    message = "bus: a CDROM cannot be Virtio; use SATA or SCSI (IDE on machine.type pc)")
@ValidationRule(
    value =
        "!has(self.device) || self.device != 'CDROM' || !has(self.source) || !has(self.source.blank)",
    message = "source: a CDROM cannot be blank; leave source out for an empty drive")
@ValidationRule(
    value =
        "!has(self.io) || self.io != 'Native' || !has(self.cache) || self.cache == 'None' || self.cache == 'DirectSync'",
    message = "io: Native needs cache None or DirectSync")
@ValidationRule(
    value = "self.name != 'cloud-init'",
    message = "name: 'cloud-init' is the CD-ROM that carries cloudInit; choose another name")
@ValidationRule(
    value = "!has(self.size) || !has(self.device) || self.device != 'CDROM'",
    message = "size: a CDROM has the size of its medium; leave size out")
@ValidationRule(
    value = "!has(self.format) || !has(self.source) || !has(self.source.imageRef)",
    message = "format: an image has its own; leave format out")
@ValidationRule(
    value =
        "!has(self.clone) || (has(self.source) && has(self.source.imageRef) && !(has(self.device) && self.device == 'CDROM'))",
    message = "clone: only a disk made from an image is a clone; leave clone out")
@ValidationRule(
    value =
        "(has(self.clone) ? self.clone : 'Linked') == (has(oldSelf.clone) ? oldSelf.clone : 'Linked')",
    message = "clone: cannot change; make a new disk under another name")
@ValidationRule(
    value =
        "(has(self.device) && self.device == 'CDROM') || (has(oldSelf.device) && oldSelf.device == 'CDROM') || !has(oldSelf.source) || has(oldSelf.source.hostResourceRef) || has(oldSelf.source.claimRef) || (has(self.source) && self.source == oldSelf.source)",
    message =
        "source: the disk was made from it, so it cannot change; add a disk under another name")
@ValidationRule(
    value =
        "!has(self.access) || self.access != 'Shared' || (has(self.source) && (has(self.source.hostResourceRef) || has(self.source.claimRef)))",
    message =
        "access: only a disk of the host or a claim (hostResourceRef, claimRef) can be Shared; the others belong to one VM")
@ValidationRule(
    value =
        "!has(self.access) || self.access != 'Shared' || !has(self.cache) || self.cache == 'None'",
    message = "cache: a Shared disk must bypass the host's cache; leave cache out")
@ValidationRule(
    value =
        "!has(self.access) || self.access != 'Shared' || !has(self.format) || self.format == 'Raw'",
    message = "format: only a Raw disk can be Shared; QCOW2 has one writer")
@ValidationRule(
    value =
        "!has(self.access) || self.access != 'ReadOnly' || (has(self.device) && self.device == 'CDROM') || !has(self.bus) || !(self.bus in ['IDE', 'SATA'])",
    message = "access: a disk on IDE or SATA cannot be ReadOnly; use bus Virtio or SCSI")
public record Disk(
    @Required
        @Size(min = 1, max = 63)
        @Pattern(Names.LABEL)
        @JsonPropertyDescription("Name, unique in the VM.")
        String name,
    @Nullable @JsonPropertyDescription("Disk (default) or CDROM.") Device device,
    @Nullable
        @JsonPropertyDescription(
            "Virtio (default for disks), SCSI, SATA (default for CD-ROMs on q35), IDE (on pc), USB.")
        Bus bus,
    @Nullable @JsonPropertyDescription("Size of a new disk; an image is enlarged to it.")
        Quantity size,
    @Nullable
        @Min(1)
        @Max(64)
        @JsonPropertyDescription(
            "Place in the boot order, 1 first. Absent: not booted from, unless nothing has one.")
        Integer bootOrder,
    @Nullable
        @JsonPropertyDescription(
            "Where the content comes from. A CDROM without one is empty; changing a CDROM's source swaps the medium live.")
        DiskSource source,
    @Nullable
        @Change(value = Cost.IMMUTABLE, absent = "Linked")
        @JsonPropertyDescription(
            "Of an image: Linked (default: a qcow2 layer above the shared image) or Full (a copy of its own).")
        @JsonProperty("clone")
        Clone cloneMode,
    @Nullable
        @JsonPropertyDescription(
            "Format of a host resource or a new blank disk: Raw (default) or QCOW2.")
        Format format,
    @Nullable
        @JsonPropertyDescription(
            "Host cache: None (default; Writeback where the file system lacks O_DIRECT), Writeback, Writethrough, DirectSync, Unsafe.")
        Cache cache,
    @Nullable
        @JsonPropertyDescription(
            "I/O mode: Native (default for raw without cache), Threads (default for qcow2), IOURing.")
        Io io,
    @Nullable @JsonPropertyDescription("Unmap (default): discarded blocks are given back. Ignore.")
        Discard discard,
    @Nullable
        @JsonPropertyDescription(
            "What an I/O error does: Pause the guest (default), Report it to the guest, Ignore it.")
        OnError onError,
    @Nullable
        @Size(min = 1, max = 20)
        @Pattern("^[A-Za-z0-9_.+-]+$")
        @JsonPropertyDescription("Serial number that the guest sees.")
        String serial,
    @Nullable
        @JsonPropertyDescription(
            "Exclusive (default): one VM writes. ReadOnly. Shared: several VMs write, with a cluster file system.")
        Access access,
    @Nullable
        @Change(Cost.LIVE)
        @JsonPropertyDescription(
            "What happens to a disk that Lodge made when the VM is deleted: Delete (default) or Keep.")
        Retain retain) {

  public enum Device {
    Disk,
    CDROM
  }

  public enum Bus {
    Virtio,
    SCSI,
    SATA,
    IDE,
    USB
  }

  public enum Clone {
    Linked,
    Full
  }

  public enum Format {
    Raw,
    QCOW2
  }

  public enum Cache {
    None,
    Writeback,
    Writethrough,
    DirectSync,
    Unsafe
  }

  public enum Io {
    Native,
    Threads,
    IOURing
  }

  public enum Discard {
    Unmap,
    Ignore
  }

  public enum OnError {
    Pause,
    Report,
    Ignore
  }

  public enum Access {
    Exclusive,
    ReadOnly,
    Shared
  }

  public enum Retain {
    Delete,
    Keep
  }
}
