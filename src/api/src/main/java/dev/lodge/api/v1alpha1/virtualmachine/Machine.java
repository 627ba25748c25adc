package dev.lodge.api.v1alpha1.virtualmachine;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import dev.lodge.api.change.Change;
import dev.lodge.api.change.Change.Cost;
import dev.lodge.api.common.*;
import io.fabric8.crd.generator.annotation.*;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Size;
import org.jspecify.annotations.Nullable;

/** The board: chipset, architecture, clock and basic features. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Machine(
    @Nullable
        @JsonPropertyDescription(
            "Chipset: q35 (default) or pc. Its version is pinned at the first start.")
        Type type,
    @Nullable
        @Change(value = Cost.IMMUTABLE, absent = "x86_64")
        @JsonPropertyDescription("Architecture: x86_64 (default) or i686.")
        Arch arch,
    @Nullable
        @Size(min = 1, max = 64)
        @Pattern("^(UTC|Localtime|[A-Z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+){0,2})$")
        @JsonPropertyDescription(
            "What the guest's clock shows at start: UTC (default), Localtime, or a zone such as Europe/Berlin.")
        String clock,
    @Nullable @JsonPropertyDescription("Features of the board.") Features features,
    @Nullable
        @JsonPropertyDescription(
            "What to do when the guest panics: Restart (default), Preserve (keep it for a look), Stop.")
        OnCrash onCrash) {

  /** Chipsets. */
  public enum Type {
    q35,
    pc
  }

  /** Architectures, by libvirt's names. */
  public enum Arch {
    x86_64,
    i686
  }

  /** What follows a guest panic. */
  public enum OnCrash {
    Restart,
    Preserve,
    Stop
  }

  /** Two-valued for now; more may come. */
  public enum Toggle {
    Enabled,
    Disabled
  }

  /** Features of the board; each is Enabled by default. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Features(
      @Nullable @JsonPropertyDescription("ACPI: power button, shutdown. Default Enabled.")
          Toggle acpi,
      @Nullable @JsonPropertyDescription("APIC: needed for more than one CPU. Default Enabled.")
          Toggle apic) {}
}
