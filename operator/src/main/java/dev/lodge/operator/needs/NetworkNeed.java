package dev.lodge.operator.needs;

import dev.lodge.api.v1alpha1.vmnetwork.VmNetwork;
import dev.lodge.domain.network.Subnet;
import org.jspecify.annotations.Nullable;

/**
 * An interface and the network that it is on.
 *
 * @param name of the interface
 * @param fixedIp from the spec; null: any
 */
public record NetworkNeed(
    String name, VmNetwork network, Subnet subnet, String mac, @Nullable String fixedIp) {

  /** {@code namespace/name} of the network, as the status has it. */
  public String networkName() {
    return network.getMetadata().getNamespace() + "/" + network.getMetadata().getName();
  }
}
