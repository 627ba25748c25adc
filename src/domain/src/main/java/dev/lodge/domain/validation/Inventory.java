package dev.lodge.domain.validation;

import dev.lodge.api.common.HostResourceRef;
import dev.lodge.api.common.ObjectRef;
import dev.lodge.api.v1alpha1.hostresource.HostResourceSpec;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineSpec;
import dev.lodge.api.v1alpha1.vmimage.VmImageSpec;
import dev.lodge.api.v1alpha1.vmnetwork.VmNetworkSpec;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * All objects that there are, for rules that look at more than one.
 *
 * @param installationNamespace where the network {@code default} of all namespaces is
 */
public record Inventory(
    String installationNamespace,
    List<Known<VirtualMachineSpec>> machines,
    List<Known<VmNetworkSpec>> networks,
    List<Known<VmImageSpec>> images,
    List<Known<HostResourceSpec>> resources) {

  /** Name of the network of machines that name none. */
  public static final String DEFAULT_NETWORK = "default";

  Optional<Known<VmImageSpec>> image(ObjectRef ref, String from) {
    String namespace = ref.namespace() == null ? from : ref.namespace();
    return images.stream().filter(i -> i.is(namespace, ref.name())).findFirst();
  }

  Optional<Known<HostResourceSpec>> resource(HostResourceRef ref) {
    return resources.stream().filter(r -> r.name().equals(ref.name())).findFirst();
  }

  /** The network of an interface; {@code default} may also be the installation's. */
  Optional<Known<VmNetworkSpec>> network(@Nullable ObjectRef ref, String from) {
    String name = ref == null ? DEFAULT_NETWORK : ref.name();
    String given = ref == null ? null : ref.namespace();
    String namespace = given == null ? from : given;
    Optional<Known<VmNetworkSpec>> found =
        networks.stream().filter(n -> n.is(namespace, name)).findFirst();
    if (found.isEmpty() && given == null && name.equals(DEFAULT_NETWORK)) {
      return networks.stream().filter(n -> n.is(installationNamespace, name)).findFirst();
    }
    return found;
  }

  /** Where a file or device of the host lies, if its resource is known. */
  Optional<String> path(HostResourceRef ref) {
    return resource(ref).map(r -> Paths.normal(r.spec().path(), ref.path()));
  }
}
