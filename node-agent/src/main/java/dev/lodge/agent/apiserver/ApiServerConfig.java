package dev.lodge.agent.apiserver;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * Where the API listens and what it bears.
 *
 * @param socket the unix socket; its directory is made if it is not there
 * @param socketGroup a group whose members may use the socket; empty: only the agent's own user
 * @param listen a loopback address for TLS; port 0 takes a free one
 * @param stateDir where certificate, token and kubeconfig are kept
 * @param version of Lodge, for /version
 */
public record ApiServerConfig(
    Path socket,
    Optional<String> socketGroup,
    Optional<InetSocketAddress> listen,
    Path stateDir,
    String version,
    Limits limits) {

  public ApiServerConfig {
    if (listen.isPresent()
        && (listen.get().isUnresolved() || !listen.get().getAddress().isLoopbackAddress())) {
      throw new IllegalArgumentException(
          "--listen takes a loopback address only, e.g. 127.0.0.1:6444, not "
              + listen.get().getHostString()
              + ": the API can start VMs as root. From elsewhere use ssh -L.");
    }
  }

  /** A socket for the agent's own user and nothing else. */
  public static ApiServerConfig on(Path socket, Path stateDir, String version) {
    return new ApiServerConfig(
        socket, Optional.empty(), Optional.empty(), stateDir, version, Limits.DEFAULT);
  }

  /**
   * Bounds on what strangers may cost.
   *
   * @param allBodiesBytes of all requests that are under way
   * @param head until a connection's first request has come
   * @param body from a request's head to the end of its body
   * @param idle of a connection between requests
   * @param stalled how long a client may leave a stream unread
   */
  public record Limits(
      int bodyBytes,
      int allBodiesBytes,
      int connections,
      int watches,
      int consoles,
      Duration head,
      Duration body,
      Duration idle,
      Duration stalled) {
    public static final Limits DEFAULT =
        new Limits(
            3 << 20,
            6 << 20,
            256,
            128,
            32,
            Duration.ofSeconds(10),
            Duration.ofSeconds(30),
            Duration.ofSeconds(75),
            Duration.ofSeconds(60));
  }
}
