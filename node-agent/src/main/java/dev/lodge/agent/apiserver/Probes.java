package dev.lodge.agent.apiserver;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;

/** Health and version. */
final class Probes {
  /** The Kubernetes whose API this resembles: kubectl warns when it is more than a version away. */
  private static final String MINOR = "36";

  private final Ports.Readiness readiness;
  private final String lodgeVersion;

  Probes(Ports.Readiness readiness, String lodgeVersion) {
    this.readiness = readiness;
    this.lodgeVersion = lodgeVersion;
  }

  /** {@code readyz} tells what is missing; the others are true because somebody answers. */
  Reply health(String name) {
    Optional<String> missing = name.equals("readyz") ? readiness.missing() : Optional.empty();
    return missing
        .map(m -> Reply.text(500, "text/plain; charset=utf-8", "not ready: " + m + "\n"))
        .orElseGet(() -> Reply.text(200, "text/plain; charset=utf-8", "ok"));
  }

  Reply version() {
    ObjectNode v = ApiJson.object();
    v.put("major", "1")
        .put("minor", MINOR)
        .put("gitVersion", "v1." + MINOR + ".0+lodge-" + lodgeVersion)
        .put("gitCommit", "")
        .put("gitTreeState", "clean")
        .put("buildDate", "")
        .put("goVersion", "")
        .put("compiler", "javac")
        .put("platform", "linux/" + System.getProperty("os.arch"));
    return Reply.json(200, v);
  }
}
