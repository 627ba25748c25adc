package dev.lodge.api.common;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.crdv2.generator.v1.SchemaCustomizer;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A Kubernetes label selector, bounded. All of it must match; an empty one matches everything. */
@JsonInclude(JsonInclude.Include.NON_NULL)
@SchemaCustomizer(value = Schemas.class, input = "matchLabels=labels;matchExpressions=atomic")
public record LabelSelector(
    @Nullable @JsonPropertyDescription("Labels that must be there with these values.")
        Map<String, String> matchLabels,
    @Nullable @Size(max = 16) @JsonPropertyDescription("Requirements that must all hold.")
        List<Requirement> matchExpressions) {

  /** Whether the labels match. */
  public boolean matches(Map<String, String> labels) {
    boolean exact =
        matchLabels == null
            || matchLabels.entrySet().stream()
                .allMatch(e -> e.getValue().equals(labels.get(e.getKey())));
    return exact
        && (matchExpressions == null || matchExpressions.stream().allMatch(r -> r.holds(labels)));
  }

  /** One requirement on a label. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  @SchemaCustomizer(value = Schemas.class, input = "values=set")
  public record Requirement(
      @Required @Size(min = 1, max = 316) @JsonPropertyDescription("The label's key.") String key,
      @Required @JsonPropertyDescription("In, NotIn, Exists or DoesNotExist.") Operator operator,
      @Nullable @Size(max = 32) @JsonPropertyDescription("Values, for In and NotIn.")
          List<@Size(max = 63) String> values) {

    boolean holds(Map<String, String> labels) {
      String value = labels.get(key);
      List<String> known = values == null ? List.of() : values;
      return switch (operator) {
        case In -> value != null && known.contains(value);
        case NotIn -> value == null || !known.contains(value);
        case Exists -> value != null;
        case DoesNotExist -> value == null;
      };
    }
  }

  /** Kubernetes' operators on labels. */
  public enum Operator {
    In,
    NotIn,
    Exists,
    DoesNotExist
  }
}
