package dev.lodge.api.common;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;

/** A reference to an object of a known kind in the namespace of the object that refers to it. */
public record LocalRef(
    @Required
        @Size(min = 1, max = 253)
        @Pattern(Names.SUBDOMAIN)
        @JsonPropertyDescription("Name of the object.")
        String name) {}
