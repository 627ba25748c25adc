package dev.lodge.agent.apiserver;

import dev.lodge.agent.store.ObjectStore;
import dev.lodge.api.ResourceKind;
import dev.lodge.manifest.CrdCatalog;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.SSLOptions;
import io.vertx.core.net.SocketAddress;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The Kubernetes-shaped API of an agent that works alone; docs/design/api-alone.md lists what it
 * serves. One event loop; whatever may block runs on a few worker threads.
 */
public final class ApiServer implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(ApiServer.class.getName());
  private static final long START_SECONDS = 20;
  private static final Duration RENEWAL_CHECK = Duration.ofHours(12);

  private final Vertx vertx;
  private final Work work;
  private final Watches watches;
  private final GuestStreams streams;
  private final List<HttpServer> servers = new ArrayList<>();
  private final SocketFile socket;
  private final Clock clock;
  private final AtomicBoolean closing = new AtomicBoolean();

  private ApiServer(
      Vertx vertx,
      Work work,
      Watches watches,
      GuestStreams streams,
      SocketFile socket,
      Clock clock) {
    this.vertx = vertx;
    this.work = work;
    this.watches = watches;
    this.streams = streams;
    this.socket = socket;
    this.clock = clock;
  }

  /**
   * Starts serving; returns when the socket takes requests.
   *
   * @throws IOException a socket cannot be bound, with what to do about it
   */
  public static ApiServer start(
      ApiServerConfig config,
      ObjectStore store,
      EventLog events,
      Ports ports,
      PrometheusMeterRegistry metrics)
      throws IOException {
    return start(config, store, events, ports, metrics, Clock.systemUTC());
  }

  static ApiServer start(
      ApiServerConfig config,
      ObjectStore store,
      EventLog events,
      Ports ports,
      PrometheusMeterRegistry metrics,
      Clock clock)
      throws IOException {
    NettyFootprint.apply();
    Map<String, Resource> resources = new LinkedHashMap<>();
    for (Resource r : resources(store, events, clock)) {
      resources.put(r.names().group() + "/" + r.names().plural(), r);
    }
    SocketFile socket = SocketFile.prepare(config.socket());
    Vertx vertx =
        Vertx.vertx(
            new VertxOptions()
                .setEventLoopPoolSize(1)
                .setWorkerPoolSize(1)
                .setInternalBlockingPoolSize(1)
                .setBlockedThreadCheckInterval(10_000)
                .setPreferNativeTransport(true)
                .setFileSystemOptions(
                    new FileSystemOptions()
                        .setFileCachingEnabled(false)
                        .setClassPathResolvingEnabled(false)));
    Work work = new Work(vertx);
    List<Resource> all = List.copyOf(resources.values());
    Reads reads = new Reads(clock);
    Watches watches = new Watches(vertx, work, reads, config.limits());
    GuestStreams streams = new GuestStreams(vertx, work, store, ports.consoles(), config.limits());
    Dispatcher.Parts parts =
        new Dispatcher.Parts(
            new ObjectRequests(
                resources, reads, new Writes(store, ports.manifestCheck(), clock), watches, work),
            new Discovery(all),
            new OpenApi(all, CrdCatalog::openApiSchema),
            new Subresources(ports, work, streams),
            new Probes(ports.readiness(), config.version()),
            work,
            new RequestMetrics(metrics),
            new BodyBudget(config.limits().allBodiesBytes()));
    ApiServer server = new ApiServer(vertx, work, watches, streams, socket, clock);
    try {
      server.listen(config, parts);
      return server;
    } catch (IOException | RuntimeException e) {
      server.close();
      throw e;
    }
  }

  private static List<Resource> resources(ObjectStore store, EventLog events, Clock clock) {
    List<Resource> all = new ArrayList<>(List.of(new Namespaces(store, clock), events.resource()));
    for (ResourceKind kind : ResourceKind.wishes()) {
      all.add(new StoreResource(store, CrdCatalog.of(kind)));
    }
    return all;
  }

  private void listen(ApiServerConfig config, Dispatcher.Parts parts) throws IOException {
    if (!vertx.isNativeTransportEnabled()) {
      throw new IOException(
          "unix sockets need Netty's native transport for this CPU, which cannot be loaded: "
              + vertx.unavailableNativeTransportCause());
    }
    Connections connections = new Connections(vertx, config.limits());
    HttpServer unix =
        vertx
            .createHttpServer(options())
            .connectionHandler(connections::opened)
            .requestHandler(new Dispatcher(new Access.Socket(), connections, config, parts))
            .exceptionHandler(ApiServer::broken);
    await(
        unix.listen(SocketAddress.domainSocketAddress(socket.birthplace().toString())),
        "cannot listen on " + config.socket());
    servers.add(unix);
    if (config.listen().isPresent()) {
      listenOnLoopback(config, config.listen().get(), connections, parts);
    }
    socket.publish(config.socketGroup());
  }

  private void listenOnLoopback(
      ApiServerConfig config,
      InetSocketAddress address,
      Connections connections,
      Dispatcher.Parts parts)
      throws IOException {
    LoopbackIdentity identity = new LoopbackIdentity(config.stateDir(), clock);
    identity.ensureCertificate();
    String token = identity.ensureToken();
    AtomicInteger port = new AtomicInteger(address.getPort());
    Access access = new Access.Token(Access.Token.sha256(token), port);
    HttpServer tls =
        vertx
            .createHttpServer(
                options()
                    .setSsl(true)
                    .setKeyCertOptions(keyAndCertificate(identity))
                    .setEnabledSecureTransportProtocols(
                        new LinkedHashSet<>(List.of("TLSv1.3", "TLSv1.2"))))
            .connectionHandler(connections::opened)
            .requestHandler(new Dispatcher(access, connections, config, parts))
            .exceptionHandler(ApiServer::broken);
    await(
        tls.listen(SocketAddress.inetSocketAddress(address)),
        "cannot listen on " + address.getHostString() + ":" + address.getPort());
    servers.add(tls);
    port.set(tls.actualPort());
    String host = address.getAddress().getHostAddress();
    String server = "https://" + (host.contains(":") ? "[::1]" : host) + ":" + tls.actualPort();
    Path kubeconfig = config.stateDir().resolve("kubeconfig");
    identity.writeKubeconfig(kubeconfig, server, token);
    vertx.setPeriodic(
        RENEWAL_CHECK.toMillis(),
        t ->
            work.slow(
                    () -> {
                      boolean renewed = identity.ensureCertificate();
                      if (renewed) {
                        identity.writeKubeconfig(kubeconfig, server, token);
                      }
                      return renewed;
                    })
                .compose(
                    renewed ->
                        renewed
                            ? tls.updateSSLOptions(
                                new SSLOptions().setKeyCertOptions(keyAndCertificate(identity)))
                            : Future.succeededFuture(true))
                .onFailure(
                    e ->
                        LOG.log(
                            System.Logger.Level.ERROR, "the certificate could not be renewed", e)));
  }

  private static PemKeyCertOptions keyAndCertificate(LoopbackIdentity identity) {
    return new PemKeyCertOptions()
        .setKeyPath(identity.key().toString())
        .setCertPath(identity.certificate().toString());
  }

  /** The port of the loopback listener; empty if there is none. */
  public OptionalInt port() {
    return servers.size() > 1 ? OptionalInt.of(servers.get(1).actualPort()) : OptionalInt.empty();
  }

  private static HttpServerOptions options() {
    return new HttpServerOptions()
        .setMaxInitialLineLength(8 << 10)
        .setMaxHeaderSize(16 << 10)
        .setMaxChunkSize(16 << 10)
        .setHttp2ClearTextEnabled(false)
        .setUseAlpn(false)
        .setCompressionSupported(false)
        .setHandle100ContinueAutomatically(false)
        .addWebSocketSubProtocol(GuestStreams.SUBPROTOCOL)
        .setPerMessageWebSocketCompressionSupported(false)
        .setPerFrameWebSocketCompressionSupported(false)
        .setMaxWebSocketFrameSize(64 << 10)
        .setMaxWebSocketMessageSize(64 << 10)
        .setAcceptBacklog(128);
  }

  private static void broken(Throwable e) {
    LOG.log(System.Logger.Level.DEBUG, "a connection broke", e);
  }

  private static <T> T await(Future<T> future, String what) throws IOException {
    try {
      return future.toCompletionStage().toCompletableFuture().get(START_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw new IOException(what + ": " + reason(e), e);
    } catch (TimeoutException e) {
      throw new IOException(what + ": no answer within " + START_SECONDS + " s", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(what + ": interrupted", e);
    }
  }

  private static String reason(ExecutionException e) {
    Throwable cause = e.getCause() == null ? e : e.getCause();
    String message = String.valueOf(cause.getMessage());
    // Netty wraps the words of the system: "bind(..) failed with error(-98): Address already in
    // use".
    return message.substring(message.lastIndexOf("): ") < 0 ? 0 : message.lastIndexOf("): ") + 3);
  }

  /** Ends watches in order, closes the sockets and removes the socket's file. */
  @Override
  public void close() {
    if (!closing.compareAndSet(false, true)) {
      return;
    }
    vertx.runOnContext(
        v -> {
          watches.close();
          streams.close();
        });
    try {
      for (HttpServer s : servers) {
        await(s.close(), "closing");
      }
      socket.discard();
      socket.remove();
      work.close();
      await(vertx.close(), "closing");
    } catch (IOException e) {
      LOG.log(System.Logger.Level.WARNING, "the API did not stop in order", e);
    }
  }
}
