package dev.lodge.cli.client;

import dev.lodge.api.ResourceKind;
import java.util.Locale;

/** One object by name; the namespace is empty for cluster-scoped kinds. */
public record Target(ResourceKind kind, String namespace, String name) {

  /** A target whose namespace is dropped where the kind has none. */
  public static Target of(ResourceKind kind, String namespace, String name) {
    return new Target(kind, kind.namespaced() ? namespace : "", name);
  }

  /** As kubectl writes it: {@code virtualmachine.lodge.dev/first}. */
  @Override
  public String toString() {
    return qualified(kind, name);
  }

  /** As kubectl writes an object: {@code virtualmachine.lodge.dev/first}. */
  public static String qualified(ResourceKind kind, String name) {
    return kind.singular().toLowerCase(Locale.ROOT) + "." + ResourceKind.GROUP + "/" + name;
  }

  /** The object's path in the API. */
  public String path() {
    return Paths.objects(kind, namespace) + "/" + Paths.encode(name);
  }
}
