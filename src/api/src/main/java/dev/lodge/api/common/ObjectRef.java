package dev.lodge.api.common;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import org.jspecify.annotations.Nullable;

/** A reference to a namespaced object of a known kind. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record ObjectRef(
    @Required
        @Size(min = 1, max = 253)
        @Pattern(Names.SUBDOMAIN)
        @JsonPropertyDescription("Name of the object.")
        String name,
    @Nullable
        @Size(max = 63)
        @Pattern(Names.LABEL)
        @JsonPropertyDescription("Its namespace; default: that of the object that refers to it.")
        String namespace) {}
