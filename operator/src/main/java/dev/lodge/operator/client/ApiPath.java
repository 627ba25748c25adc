package dev.lodge.operator.client;

import dev.lodge.api.ResourceKind;

/** Paths of objects at the API server. */
public final class ApiPath {
  private static final String GROUP = "/apis/" + ResourceKind.API_VERSION;

  private ApiPath() {}

  /** All objects of one of our kinds; {@code namespace} counts for namespaced kinds only. */
  public static String all(ResourceKind kind, String namespace) {
    return kind.namespaced()
        ? GROUP + "/namespaces/" + namespace + "/" + kind.plural()
        : GROUP + "/" + kind.plural();
  }

  /** One object of a namespaced kind of ours. */
  public static String of(ResourceKind kind, String namespace, String name) {
    return all(kind, namespace) + "/" + name;
  }

  /** One object of a cluster-wide kind of ours. */
  public static String of(ResourceKind kind, String name) {
    return all(kind, "") + "/" + name;
  }

  /** All pods of a namespace. */
  public static String pods(String namespace) {
    return core(namespace) + "/pods";
  }

  public static String pod(String namespace, String name) {
    return pods(namespace) + "/" + name;
  }

  public static String volumeClaim(String namespace, String name) {
    return core(namespace) + "/persistentvolumeclaims/" + name;
  }

  public static String namespace(String name) {
    return core(name);
  }

  public static String node(String name) {
    return "/api/v1/nodes/" + name;
  }

  /** All PodDisruptionBudgets of a namespace. */
  public static String disruptionBudgets(String namespace) {
    return "/apis/policy/v1/namespaces/" + namespace + "/poddisruptionbudgets";
  }

  private static String core(String namespace) {
    return "/api/v1/namespaces/" + namespace;
  }
}
