package dev.lodge.operator.cache;

import io.fabric8.kubernetes.api.model.ObjectMeta;

/** Which of two versions of an object is the later one. */
public final class Versions {
  private Versions() {}

  /**
   * Compares resourceVersions, which Kubernetes 1.35 promises to be decimal numbers in order.
   * Length first, as they may exceed a long.
   */
  public static int compare(ObjectMeta a, ObjectMeta b) {
    String x = a.getResourceVersion() == null ? "" : a.getResourceVersion();
    String y = b.getResourceVersion() == null ? "" : b.getResourceVersion();
    return x.length() != y.length() ? Integer.compare(x.length(), y.length()) : x.compareTo(y);
  }
}
