package dev.lodge.agent.cluster;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.Optional;

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
    Path machineIdFile) {}
