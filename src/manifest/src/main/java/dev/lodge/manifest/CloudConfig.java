package dev.lodge.manifest;

import dev.lodge.api.v1alpha1.virtualmachine.CloudInit;
import dev.lodge.domain.validation.FieldProblem;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * YAML within YAML: a slip in a cloud-config is told at once, rather than by a guest without a
 * user. A warning only, since cloud-init has a YAML parser of its own.
 */
final class CloudConfig {
  private CloudConfig() {}

  static void check(@Nullable CloudInit cloudInit, List<FieldProblem> found) {
    if (cloudInit == null) {
      return;
    }
    String user = cloudInit.userData();
    if (user != null && user.startsWith("#cloud-config")) {
      check(user, "spec.cloudInit.userData", found);
    }
    if (cloudInit.networkData() != null) {
      check(cloudInit.networkData(), "spec.cloudInit.networkData", found);
    }
  }

  private static void check(String yaml, String path, List<FieldProblem> found) {
    try {
      new YamlDocuments(yaml).read();
    } catch (SyntaxException e) {
      found.add(
          FieldProblem.warning(
              path,
              "its line %d, column %d: %s"
                  .formatted(
                      e.position().line(),
                      e.position().column(),
                      e.path().isEmpty() ? e.what() : e.path() + ": " + e.what())));
    }
  }
}
