package dev.lodge.api.common;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;
import org.jspecify.annotations.Nullable;

/** Which namespaces may refer to an object, as in the Gateway API. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record AllowedNamespaces(
    @Required
        @JsonPropertyDescription("Same: only the object's own namespace. All: every namespace.")
        From from) {

  /**
   * Where references may come from. Selector comes with the cluster, which has namespace labels.
   */
  public enum From {
    Same,
    All
  }

  /**
   * Whether {@code user} may refer to an object in {@code owner}; absent means {@code fallback}.
   */
  public static boolean allows(
      @Nullable AllowedNamespaces rule, From fallback, String owner, String user) {
    From from = rule == null ? fallback : rule.from();
    return from == From.All || owner.equals(user);
  }
}
