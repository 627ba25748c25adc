package dev.lodge.api.v1alpha1.hostresource;

import com.fasterxml.jackson.annotation.JsonClassDescription;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import dev.lodge.api.common.*;
import io.fabric8.crd.generator.annotation.*;
import io.fabric8.crdv2.generator.v1.SchemaCustomizer;
import io.fabric8.generator.annotation.Size;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What is known of a host resource. */
@JsonClassDescription("What is known of the resource; written by Lodge alone.")
@JsonInclude(JsonInclude.Include.NON_NULL)
@SchemaCustomizer(value = Schemas.class, input = "conditions=type")
public record HostResourceStatus(
    @Nullable @JsonPropertyDescription("The generation of the spec that this status answers.")
        Long observedGeneration,
    @Nullable @Size(max = 16) @JsonPropertyDescription("Conditions, each with its remedy.")
        List<Condition> conditions) {}
