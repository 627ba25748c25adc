package dev.lodge.api.v1alpha1.virtualmachine;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import dev.lodge.api.common.*;
import io.fabric8.crd.generator.annotation.*;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import org.jspecify.annotations.Nullable;

/** How a VM is stopped: the power button first, then the plug. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Stop(
    @Nullable
        @Min(0)
        @Max(86400)
        @JsonPropertyDescription("Seconds from the power button to the plug; default 60.")
        Integer gracePeriodSeconds) {}
