package dev.lodge.api.common;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import org.jspecify.annotations.Nullable;

/** A HostResource and, where it is a directory, a path below it. */
@JsonInclude(JsonInclude.Include.NON_NULL)
@ValidationRule(
    value = "!has(self.path) || !self.path.split('/').exists(p, p == '..')",
    message = "path: must not contain '..'; write the path itself")
public record HostResourceRef(
    @Required
        @Size(min = 1, max = 253)
        @Pattern(Names.SUBDOMAIN)
        @JsonPropertyDescription("Name of the HostResource.")
        String name,
    @Nullable
        @Size(max = 1024)
        @Pattern(Names.RELATIVE_PATH)
        @JsonPropertyDescription(
            "Path below a HostResource of type Directory; relative, without '..'.")
        String path) {}
