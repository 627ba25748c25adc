package dev.lodge.operator.cache;

import io.fabric8.kubernetes.api.model.ObjectMeta;
import org.jspecify.annotations.Nullable;

/** Keys of objects in caches, as fabric8 writes them. */
public final class Keys {
  private Keys() {}

  public static String of(ObjectMeta m) {
    return of(m.getNamespace(), m.getName());
  }

  /** {@code namespace/name}, or the name alone. */
  public static String of(@Nullable String namespace, String name) {
    return namespace == null || namespace.isEmpty() ? name : namespace + "/" + name;
  }
}
