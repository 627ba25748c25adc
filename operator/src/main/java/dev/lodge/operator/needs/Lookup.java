package dev.lodge.operator.needs;

import dev.lodge.api.v1alpha1.hostresource.HostResource;
import dev.lodge.api.v1alpha1.vmimage.VmImage;
import dev.lodge.api.v1alpha1.vmnetwork.VmNetwork;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Objects that a spec can name. */
public interface Lookup {
  @Nullable VmNetwork network(String namespace, String name);

  @Nullable VmImage image(String namespace, String name);

  @Nullable HostResource hostResource(String name);

  /** A PersistentVolumeClaim, read live: its UID is the lock's name. */
  Claim claim(String namespace, String name);

  /** Labels of a namespace, for {@code allowedNamespaces}. */
  Map<String, String> namespaceLabels(String namespace);

  /** What is known of a PersistentVolumeClaim. */
  sealed interface Claim {
    /**
     * @param block a device; else a file system
     */
    record Found(String uid, boolean block) implements Claim {}

    record Missing() implements Claim {}

    /** It cannot be told now. */
    record Unreadable(String why) implements Claim {}
  }
}
