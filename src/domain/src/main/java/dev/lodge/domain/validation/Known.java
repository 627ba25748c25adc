package dev.lodge.domain.validation;

/**
 * An object beside others.
 *
 * @param namespace empty for cluster-scoped kinds
 */
public record Known<T>(String namespace, String name, T spec) {
  String label() {
    return namespace.isEmpty() ? name : namespace + "/" + name;
  }

  boolean is(String otherNamespace, String otherName) {
    return namespace.equals(otherNamespace) && name.equals(otherName);
  }

  /** The same object, be it at another version. */
  boolean sameAs(Known<?> other) {
    return is(other.namespace, other.name);
  }
}
