package dev.lodge.api.v1alpha1.virtualmachine;

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

/** Firmware, identity and direct kernel boot. */
@JsonInclude(JsonInclude.Include.NON_NULL)
@ValidationRule(
    value = "has(self.loaderRef) == (has(self.type) && self.type == 'ROM')",
    message = "firmware.loaderRef: needed with firmware.type ROM, and only there")
@ValidationRule(
    value = "!has(self.kernel) || !has(self.type) || self.type == 'BIOS'",
    message = "firmware.kernel: direct kernel boot needs firmware.type BIOS (the default)")
@ValidationRule(
    value = "!has(self.uuid) || self.uuid != '00000000-0000-0000-0000-000000000000'",
    message = "firmware.uuid: is all zeros; leave uuid out, or take one of uuidgen")
public record Firmware(
    @Nullable @JsonPropertyDescription("BIOS (default), UEFI, or ROM with loaderRef.") Type type,
    @Nullable @JsonPropertyDescription("The ROM image, for firmware.type ROM.") FileRef loaderRef,
    @Nullable
        @Change(Cost.IMMUTABLE)
        @Size(min = 36, max = 36)
        @Pattern("^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$")
        @JsonPropertyDescription(
            "UUID that the guest sees; default: the object's UID. Unique on a host.")
        String uuid,
    @Nullable
        @Size(min = 1, max = 128)
        @Pattern(Names.PRINTABLE)
        @JsonPropertyDescription("System serial number in SMBIOS.")
        String serial,
    @Nullable
        @JsonPropertyDescription("Boot this kernel instead of a disk; read anew at every start.")
        Kernel kernel) {

  /** Kinds of firmware. */
  public enum Type {
    BIOS,
    UEFI,
    ROM
  }

  /** A kernel that QEMU loads itself. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Kernel(
      @Required @JsonPropertyDescription("The kernel.") FileRef kernelRef,
      @Nullable @JsonPropertyDescription("The initial RAM disk.") FileRef initrdRef,
      @Nullable
          @Size(max = 2048)
          @Pattern(Names.PRINTABLE)
          @JsonPropertyDescription("Kernel command line.")
          String cmdline) {}
}
