package dev.lodge.agent.alone;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.Optional;

/**
 * How an agent alone is run.
 *
 * @param connect libvirt's URI
 * @param listen loopback address of the API by TLS
 * @param nodeName name in statuses; default: the host name
 */
public record AloneOptions(
    Path manifests,
    Path state,
    Path socket,
    Optional<String> socketGroup,
    String connect,
    Optional<InetSocketAddress> listen,
    Optional<String> nodeName) {}
