package dev.lodge.agent.cluster;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How an agent of a cluster is run.
 *
 * @param nodeName the Node's name
 * @param namespace of the installation: where its heartbeat is, and the network `default`
 * @param kubeconfig empty: as the pod that this is
 * @param connect libvirt's URI
 * @param health where health and metrics are served beside the unix socket
 * @param bootIdFile the kernel's boot id
 * @param machineIdFile the machine's
 * @param hostPaths what of the host the agent's pod has under the host's own names
 */
public record ClusterOptions(
    String nodeName,
    String namespace,
    Optional<Path> kubeconfig,
    Path state,
    Path socket,
    String connect,
    Optional<InetSocketAddress> health,
    Path bootIdFile,
    Path machineIdFile,
    List<Path> hostPaths) {

  /** What {@link #hostPaths} are where there is a pod; null: there is none. */
  @Nullable List<Path> mounted() {
    return kubeconfig.isPresent() ? null : hostPaths;
  }
}
