package dev.lodge.cli;

/** JSON of objects, as an agent would answer. */
public final class Objects {
  public static final String VMS = "/apis/lodge.dev/v1alpha1/namespaces/default/virtualmachines";
  public static final String VERBS =
      "/apis/subresources.lodge.dev/v1alpha1/namespaces/default/virtualmachines";

  private Objects() {}

  /** A VM whose Ready condition has a reason. */
  public static String vm(String name, String phase, String reason, String message) {
    return """
        {"apiVersion":"lodge.dev/v1alpha1","kind":"VirtualMachine","metadata":{"name":"%s",
        "namespace":"default","uid":"u-%s","resourceVersion":"7","generation":2,
        "creationTimestamp":"2026-01-01T00:00:00Z","annotations":{"lodge.dev/manifest":"web.yaml"}},"spec":{"cpu":{"count":1},
        "memory":{"size":"128Mi"}},"status":{"phase":"%s","observedGeneration":2,
        "startedAt":"2026-01-01T00:00:01Z","conditions":[{"type":"Ready","status":"%s",
        "reason":"%s","message":"%s","lastTransitionTime":"2026-01-01T00:00:02Z"}]}}"""
        .formatted(name, name, phase, reason.equals("Running") ? "True" : "False", reason, message)
        .replace("\n", "");
  }

  /** One line of a watch. */
  public static String event(String type, String object) {
    return "{\"type\":\"" + type + "\",\"object\":" + object + "}\n";
  }

  /** A table of VMs with one hidden column; each row is {@code name,phase,reason}. */
  public static String table(String... rows) {
    var out = new StringBuilder();
    for (String row : rows) {
      String[] c = row.split(",", -1);
      out.append(out.isEmpty() ? "" : ",")
          .append(
              "{\"cells\":[\"%s\",\"%s\",null,2,\"%s\"],\"object\":{\"metadata\":{\"name\":\"%s\",\"namespace\":\"default\"}}}"
                  .formatted(c[0], c[1], c[2], c[0]));
    }
    return """
        {"kind":"Table","apiVersion":"meta.k8s.io/v1","metadata":{"resourceVersion":"7"},
        "columnDefinitions":[{"name":"Name","type":"string","priority":0},
        {"name":"Phase","type":"string","priority":0},{"name":"IP","type":"string","priority":0},
        {"name":"CPU","type":"integer","priority":0},{"name":"Reason","type":"string","priority":1}],
        "rows":["""
            .replace("\n", "")
        + out
        + "]}";
  }
}
