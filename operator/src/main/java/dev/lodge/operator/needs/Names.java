package dev.lodge.operator.needs;

import dev.lodge.api.common.AllowedNamespaces;
import dev.lodge.api.common.AllowedNamespaces.From;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Whether a VM may use what it names. */
final class Names {
  private Names() {}

  static boolean allowed(
      @Nullable AllowedNamespaces rule, From fallback, String owner, String user, Lookup lookup) {
    boolean bySelector = rule != null && rule.from() == From.Selector && !owner.equals(user);
    Map<String, String> labels = bySelector ? lookup.namespaceLabels(user) : Map.of();
    return AllowedNamespaces.allows(rule, fallback, owner, user, labels);
  }
}
