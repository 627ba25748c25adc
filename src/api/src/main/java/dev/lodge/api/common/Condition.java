package dev.lodge.api.common;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import org.jspecify.annotations.Nullable;

/** A Kubernetes condition. Unknown is honest: it never stands for False. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Condition(
    @Required @Size(max = 64) @JsonPropertyDescription("What the condition is about.") String type,
    @Required @JsonPropertyDescription("True, False or Unknown.") Status status,
    @Required @Size(max = 64) @JsonPropertyDescription("Why, as one word for programs.")
        String reason,
    @Required @Size(max = 4096) @JsonPropertyDescription("Why and how to mend it, for people.")
        String message,
    @Nullable @JsonPropertyDescription("The generation of the spec that was looked at.")
        Long observedGeneration,
    @Required @Size(max = 64) @JsonPropertyDescription("When status last changed.")
        String lastTransitionTime) {

  /** The three values of a condition. */
  public enum Status {
    True,
    False,
    Unknown
  }
}
