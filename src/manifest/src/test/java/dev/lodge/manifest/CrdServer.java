package dev.lodge.manifest;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lodge.api.ResourceKind;
import java.io.File;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;

/** A real API server for the time of a test, with our CRDs in it. */
final class CrdServer implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private final String script;
  private final Path directory;
  private final HttpClient http;
  private final String url;

  /** An answer. */
  record Answer(int status, String body) {
    boolean accepted() {
      return status / 100 == 2;
    }

    String message() throws IOException {
      return LodgeJson.mapper().readTree(body).path("message").asText(body);
    }
  }

  CrdServer(String script, Path directory) throws Exception {
    this.script = script;
    this.directory = directory;
    run("start");
    JsonNode config = CrdJson.parse(Files.readString(directory.resolve("kubeconfig")));
    url = config.at("/clusters/0/cluster/server").asText();
    http = HttpClient.newBuilder().sslContext(trustingLoopback()).build();
  }

  private void run(String verb) throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(script, verb, directory.toString())
            .redirectErrorStream(true)
            .redirectOutput(new File(directory.toFile().getParentFile(), verb + ".log"))
            .start();
    if (!process.waitFor(PATIENCE.toSeconds() * 5, TimeUnit.SECONDS) || process.exitValue() != 0) {
      process.destroyForcibly();
      throw new IllegalStateException(
          script
              + " "
              + verb
              + " failed: "
              + Files.readString(directory.resolveSibling(verb + ".log")));
    }
  }

  /** Creates a CRD and waits until it serves. */
  void install(ResourceKind kind) throws Exception {
    Answer created =
        send(
            "POST",
            "/apis/apiextensions.k8s.io/v1/customresourcedefinitions",
            CrdCatalog.text(kind));
    if (!created.accepted()) {
      throw new IllegalStateException(kind + ": " + created.message());
    }
    Instant deadline = Instant.now().plus(PATIENCE);
    while (!send("GET", path(kind, "default"), "").accepted()) {
      if (Instant.now().isAfter(deadline)) {
        throw new IllegalStateException(kind + " is not served");
      }
      Thread.onSpinWait();
    }
  }

  static String path(ResourceKind kind, String namespace) {
    return "/apis/"
        + ResourceKind.API_VERSION
        + (kind.namespaced() ? "/namespaces/" + namespace : "")
        + "/"
        + kind.plural();
  }

  Answer send(String method, String path, String yaml) throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(url + path))
            .header("Content-Type", "application/yaml")
            .timeout(PATIENCE)
            .method(method, HttpRequest.BodyPublishers.ofString(yaml))
            .build();
    HttpResponse<String> response = http.send(request, HttpResponse.BodyHandlers.ofString());
    return new Answer(response.statusCode(), response.body());
  }

  @Override
  public void close() throws Exception {
    http.close();
    run("stop");
  }

  /** The server makes its certificate itself, and only ever listens on loopback. */
  private static SSLContext trustingLoopback() throws GeneralSecurityException {
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, new TrustManager[] {new AnyServer()}, new SecureRandom());
    return context;
  }

  private static final class AnyServer extends X509ExtendedTrustManager {
    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type) {}

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }
}
