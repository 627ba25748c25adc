package dev.lodge.e2e.cluster;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/**
 * Stands between one node's agent and the API server: ends the agent's TLS with the API server's
 * own certificate, and does with each request what the test says. The kubelet goes another way and
 * hears the API server as before.
 */
final class Interceptor implements AutoCloseable {
  private static final char[] PASSWORD = "interceptor".toCharArray();
  private static final Set<String> NOT_FORWARDED =
      Set.of(
          "host", "connection", "content-length", "transfer-encoding", "upgrade", "http2-settings");

  /** A request of the agent. */
  record Request(String method, String path, byte[] body) {
    /** Writes the status of a VM. */
    boolean vmStatus() {
      return method.equals("PUT") && path.contains("/virtualmachines/") && path.endsWith("/status");
    }

    /** Claims a VM, before its guest runs. */
    boolean claim() {
      return vmStatus() && status().has("claimedBy") && !running() && !released();
    }

    /** Reads an object or a list, and does not follow it. */
    boolean read() {
      return method.equals("GET") && !path.contains("watch=");
    }

    /** What is read, whichever page and version of it. */
    String object() {
      return path.replaceAll("[?&](limit|continue|resourceVersion)=[^&]*", "");
    }

    /** Tells that the guest runs. */
    boolean running() {
      return vmStatus() && status().path("phase").asText().equals("Running");
    }

    boolean released() {
      return vmStatus() && status().path("released").asBoolean();
    }

    private JsonNode status() {
      return Kubectl.parse(new String(body, StandardCharsets.UTF_8)).path("status");
    }
  }

  /** An answer to it. */
  record Reply(int code, byte[] body) {
    /** As an API server that cannot do it now. */
    static Reply failure(int code, String reason) {
      return new Reply(
          code,
          ("{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"status\":\"Failure\",\"message\":\"made by a"
                  + " test\",\"reason\":\""
                  + reason
                  + "\",\"code\":"
                  + code
                  + "}")
              .getBytes(StandardCharsets.UTF_8));
    }

    /** The connection breaks instead. */
    static Reply lost() {
      return new Reply(0, new byte[0]);
    }
  }

  /** Carries a request to the API server. */
  @FunctionalInterface
  interface Server {
    Reply carry();
  }

  /** What befalls requests. */
  @FunctionalInterface
  interface Fault {
    /** Empty: nothing befalls this one. */
    Optional<Reply> befall(Request request, Server server);
  }

  private static final Fault NONE = (_, _) -> Optional.empty();

  private final String node;
  private final String server;
  private final HttpsServer listening;
  private final HttpClient client;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final AtomicInteger requests = new AtomicInteger();
  private final AtomicInteger expired = new AtomicInteger();
  private volatile Fault fault = NONE;

  /** Leads the node's agent this way from now on; the agent is started anew for that. */
  static Interceptor before(String node) {
    try {
      var interceptor = new Interceptor(node);
      try {
        interceptor.lead();
      } catch (RuntimeException | Error e) {
        interceptor.close();
        throw e;
      }
      return interceptor;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private Interceptor(String node) throws IOException, GeneralSecurityException {
    this.node = node;
    Path pki = Path.of(System.getenv("KUBECONFIG")).resolveSibling("pki");
    this.server =
        Kubectl.admin()
            .run("config", "view", "--minify", "-o", "jsonpath={.clusters[0].cluster.server}")
            .ok()
            .out()
            .strip();
    this.listening = HttpsServer.create(new InetSocketAddress(net() + ".0.254", 0), 0);
    listening.setHttpsConfigurator(new HttpsConfigurator(serving(pki)));
    listening.setExecutor(threads);
    listening.createContext("/", this::handle);
    listening.start();
    this.client =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .sslContext(trusting(pki.resolve("ca.crt")))
            .executor(threads)
            .build();
  }

  /** The first two numbers of the bed's addresses. */
  private String net() {
    String host = URI.create(server).getHost();
    return host.substring(0, host.indexOf('.', host.indexOf('.') + 1));
  }

  private static SSLContext serving(Path pki) throws IOException, GeneralSecurityException {
    Path file = Files.createTempFile("interceptor", ".p12");
    try {
      Shell.run(
              "openssl",
              "pkcs12",
              "-export",
              "-in",
              pki.resolve("apiserver.crt").toString(),
              "-inkey",
              pki.resolve("apiserver.key").toString(),
              "-passout",
              "pass:" + new String(PASSWORD),
              "-out",
              file.toString())
          .ok();
      KeyStore keys = KeyStore.getInstance(file.toFile(), PASSWORD);
      var factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
      factory.init(keys, PASSWORD);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(factory.getKeyManagers(), null, null);
      return context;
    } finally {
      Files.delete(file);
    }
  }

  private static SSLContext trusting(Path authority) throws IOException, GeneralSecurityException {
    KeyStore trusted = KeyStore.getInstance("PKCS12");
    trusted.load(null, null);
    try (InputStream in = Files.newInputStream(authority)) {
      trusted.setCertificateEntry(
          "ca", CertificateFactory.getInstance("X.509").generateCertificate(in));
    }
    var factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init(trusted);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, factory.getTrustManagers(), null);
    return context;
  }

  /** Only the agent reaches the API server by the Service's address from the node itself. */
  private void lead() {
    String to =
        listening.getAddress().getAddress().getHostAddress()
            + ":"
            + listening.getAddress().getPort();
    Bed.node(
            node,
            "nft",
            "table ip lodge_interceptor { chain out { type nat hook output priority -100;"
                + " ip daddr "
                + net()
                + ".128.1 tcp dport 443 dnat to "
                + to
                + "; }; }")
        .ok();
    Agents.replace(node);
    if (requests.get() == 0) {
      throw new AssertionError("the agent of " + node + " goes another way");
    }
  }

  void befalls(Fault fault) {
    this.fault = fault;
  }

  void heal() {
    fault = NONE;
  }

  /** How often a watch was told that its version is too old. */
  int expired() {
    return expired.get();
  }

  private void handle(HttpExchange exchange) throws IOException {
    requests.incrementAndGet();
    try (exchange) {
      var request =
          new Request(
              exchange.getRequestMethod(),
              exchange.getRequestURI().toString(),
              exchange.getRequestBody().readAllBytes());
      Optional<Reply> reply = fault.befall(request, () -> carry(exchange, request));
      if (reply.isPresent()) {
        answer(exchange, reply.get());
      } else {
        stream(exchange, request);
      }
    }
  }

  private static void answer(HttpExchange exchange, Reply reply) throws IOException {
    if (reply.code() == 0) {
      return; // closing an exchange without an answer closes its connection
    }
    exchange.getResponseHeaders().set("Content-Type", "application/json");
    exchange.sendResponseHeaders(reply.code(), reply.body().length == 0 ? -1 : reply.body().length);
    if (reply.body().length > 0) {
      exchange.getResponseBody().write(reply.body());
    }
  }

  private Reply carry(HttpExchange exchange, Request request) {
    try {
      HttpResponse<byte[]> r =
          client.send(forward(exchange, request), HttpResponse.BodyHandlers.ofByteArray());
      return new Reply(r.statusCode(), r.body());
    } catch (IOException e) {
      return Reply.lost();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Reply.lost();
    }
  }

  /** A watch is told as it comes. */
  private void stream(HttpExchange exchange, Request request) throws IOException {
    try {
      HttpResponse<InputStream> r =
          client.send(forward(exchange, request), HttpResponse.BodyHandlers.ofInputStream());
      if (r.statusCode() == 410) {
        expired.incrementAndGet();
      }
      try (InputStream in = r.body()) {
        r.headers()
            .firstValue("content-type")
            .ifPresent(t -> exchange.getResponseHeaders().set("Content-Type", t));
        exchange.sendResponseHeaders(r.statusCode(), 0);
        OutputStream out = exchange.getResponseBody();
        out.flush(); // the head goes now: a watch may have nothing to tell for long
        byte[] buffer = new byte[16 << 10];
        for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
          if (new String(buffer, 0, n, StandardCharsets.UTF_8).contains("\"code\":410")) {
            expired.incrementAndGet();
          }
          out.write(buffer, 0, n);
          out.flush();
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private HttpRequest forward(HttpExchange exchange, Request request) {
    HttpRequest.Builder to =
        HttpRequest.newBuilder(URI.create(server + request.path()))
            .timeout(Duration.ofMinutes(10))
            .method(
                request.method(),
                request.body().length == 0
                    ? HttpRequest.BodyPublishers.noBody()
                    : HttpRequest.BodyPublishers.ofByteArray(request.body()));
    exchange
        .getRequestHeaders()
        .forEach(
            (name, values) -> {
              if (!NOT_FORWARDED.contains(name.toLowerCase(java.util.Locale.ROOT))
                  && !name.equalsIgnoreCase("accept-encoding")) {
                List.copyOf(values).forEach(v -> to.header(name, v));
              }
            });
    return to.build();
  }

  /** The agent goes its own way again; its watches break. */
  @Override
  public void close() {
    heal();
    Bed.node(node, "nft", "delete", "table", "ip", "lodge_interceptor");
    listening.stop(0);
    threads.shutdownNow();
    client.shutdownNow();
  }
}
