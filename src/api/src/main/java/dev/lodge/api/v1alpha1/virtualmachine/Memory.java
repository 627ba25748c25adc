package dev.lodge.api.v1alpha1.virtualmachine;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import dev.lodge.api.common.*;
import io.fabric8.crd.generator.annotation.*;
import io.fabric8.crdv2.generator.v1.SchemaCustomizer;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.ValidationRule;

/** Memory of the guest. */
@SchemaCustomizer(value = Schemas.class, input = "size=quantity")
@ValidationRule(
    value =
        "quantity(string(self.size)).compareTo(quantity('1Mi')) >= 0 && quantity(string(self.size)).compareTo(quantity('16Ti')) <= 0",
    message = "memory.size: must be between 1Mi and 16Ti")
public record Memory(
    @Required @JsonPropertyDescription("Size, e.g. 1Gi; rounded up to whole KiB.") Quantity size) {}
