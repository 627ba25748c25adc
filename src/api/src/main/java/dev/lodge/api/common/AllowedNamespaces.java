package dev.lodge.api.common;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Which namespaces may refer to an object, as in the Gateway API. */
@JsonInclude(JsonInclude.Include.NON_NULL)
@ValidationRule(
    value = "has(self.selector) == (self.from == 'Selector')",
    message = "selector: belongs to from: Selector, and is needed there")
public record AllowedNamespaces(
    @Required
        @JsonPropertyDescription(
            "Same: only the object's own namespace. All: every namespace. Selector: those whose labels match.")
        From from,
    @Nullable
        @JsonPropertyDescription("Labels of namespaces, for from: Selector; an empty one is all.")
        LabelSelector selector) {

  /** Where references may come from. */
  public enum From {
    Same,
    All,
    /** By labels of the namespace; alone there are no namespace labels, so none matches. */
    Selector
  }

  /**
   * Whether {@code user} may refer to an object in {@code owner}; absent means {@code fallback}.
   *
   * @param labels labels of the namespace {@code user}; empty where there are none
   */
  public static boolean allows(
      @Nullable AllowedNamespaces rule,
      From fallback,
      String owner,
      String user,
      Map<String, String> labels) {
    From from = rule == null ? fallback : rule.from();
    return switch (from) {
      case All -> true;
      case Same -> owner.equals(user);
      case Selector ->
          owner.equals(user)
              || rule != null && rule.selector() != null && rule.selector().matches(labels);
    };
  }

  /** The same, where namespaces have no labels. */
  public static boolean allows(
      @Nullable AllowedNamespaces rule, From fallback, String owner, String user) {
    return allows(rule, fallback, owner, user, Map.of());
  }
}
