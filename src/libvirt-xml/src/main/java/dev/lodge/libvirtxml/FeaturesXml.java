package dev.lodge.libvirtxml;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.lodge.domain.machine.MachinePlan;
import org.jspecify.annotations.Nullable;

/** Features of the board and of the way of execution. */
record FeaturesXml(@Nullable EmptyXml acpi, @Nullable EmptyXml apic, @Nullable Tcg tcg) {

  static @Nullable FeaturesXml of(MachinePlan plan) {
    var tcg = plan.tcgCacheMib() == 0 ? null : new Tcg(new SizeXml("MiB", plan.tcgCacheMib()));
    return plan.acpi() || plan.apic() || tcg != null
        ? new FeaturesXml(EmptyXml.when(plan.acpi()), EmptyXml.when(plan.apic()), tcg)
        : null;
  }

  record Tcg(@JsonProperty("tb-cache") SizeXml cache) {}
}
