package dev.lodge.agent.hostfile;

import dev.lodge.agent.store.ObjectKey;
import dev.lodge.agent.store.StoredObject;
import dev.lodge.api.ResourceKind;
import dev.lodge.api.common.AllowedNamespaces;
import dev.lodge.api.common.AllowedNamespaces.From;
import dev.lodge.api.common.HostResourceRef;
import dev.lodge.api.common.ObjectRef;
import dev.lodge.api.v1alpha1.hostresource.HostResourceSpec;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineConditions.Reason;
import dev.lodge.api.v1alpha1.vmimage.VmImageSpec;
import dev.lodge.manifest.LodgeJson;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Follows references to images and host resources, if the one that refers may. */
public final class References {
  private final Objects objects;

  /** Whose paths of host resources count; null: there is one host only. */
  private final @Nullable Node node;

  /**
   * A node of a cluster.
   *
   * @param hostPaths what of the host the agent sees, in its pod, under the host's own names: other
   *     paths would lead to files of the pod; null: the agent is in no pod
   */
  public record Node(String name, @Nullable List<Path> hostPaths) {
    private boolean sees(String path) {
      return hostPaths == null || hostPaths.stream().anyMatch(Path.of(path)::startsWith);
    }

    private String seen() {
      return hostPaths == null || hostPaths.isEmpty()
          ? "none"
          : hostPaths.stream().map(Path::toString).collect(Collectors.joining(", "));
    }
  }

  /** On the only host that there is. */
  public References(Objects objects) {
    this(objects, null);
  }

  /** On a node of a cluster. */
  public References(Objects objects, @Nullable Node node) {
    this.objects = objects;
    this.node = node;
  }

  /** What a reference leads to. */
  public sealed interface Target<T> {
    record Found<T>(StoredObject object, T spec) implements Target<T> {}

    /** The message names the object and the mend. */
    record Refused<T>(Reason reason, String message) implements Target<T> {}
  }

  /** An image, as seen by an object in {@code namespace}. */
  public Target<VmImageSpec> image(String namespace, ObjectRef ref) {
    String owner = ref.namespace() == null ? namespace : ref.namespace();
    String what = "VmImage " + owner + "/" + ref.name();
    Optional<StoredObject> object =
        objects.get(new ObjectKey(ResourceKind.VmImage, owner, ref.name()));
    if (object.isEmpty()) {
      return absent(what);
    }
    VmImageSpec spec = imageSpec(object.get());
    return AllowedNamespaces.allows(spec.allowedNamespaces(), From.Same, owner, namespace)
        ? new Target.Found<>(object.get(), spec)
        : notAllowed(what, namespace, "set its spec.allowedNamespaces.from: All");
  }

  /** A host resource, as seen by an object in {@code namespace}. */
  public Target<HostResourceSpec> hostResource(String namespace, HostResourceRef ref) {
    String what = "HostResource " + ref.name();
    Optional<StoredObject> object =
        objects.get(new ObjectKey(ResourceKind.HostResource, "", ref.name()));
    if (object.isEmpty()) {
      return absent(what);
    }
    HostResourceSpec spec = here(LodgeJson.read(object.get().spec(), HostResourceSpec.class));
    if (!AllowedNamespaces.allows(spec.allowedNamespaces(), From.All, "", namespace)) {
      return notAllowed(
          what, namespace, "its administrator can set spec.allowedNamespaces.from: All");
    }
    if (node != null && !node.sees(spec.path())) {
      return new Target.Refused<>(
          Reason.NotAllowed,
          what
              + ": the agent of node "
              + node.name()
              + " may open nothing at "
              + spec.path()
              + "; add it to the chart's agent.hostPaths (now "
              + node.seen()
              + ")");
    }
    return new Target.Found<>(object.get(), spec);
  }

  private static <S> Target<S> notAllowed(String what, String namespace, String mend) {
    return new Target.Refused<>(
        Reason.NotAllowed, what + " may not be used from namespace " + namespace + "; " + mend);
  }

  /** With the path that it has on this node. */
  private HostResourceSpec here(HostResourceSpec s) {
    return node == null
        ? s
        : new HostResourceSpec(
            s.type(),
            s.pathOn(node.name()),
            s.perHost(),
            s.scope(),
            s.access(),
            s.allowedNamespaces());
  }

  /** The spec of a VmImage. */
  public static VmImageSpec imageSpec(StoredObject image) {
    return LodgeJson.read(image.spec(), VmImageSpec.class);
  }

  private static <T> Target<T> absent(String what) {
    return new Target.Refused<>(Reason.NotFound, what + " does not exist; apply it first");
  }
}
