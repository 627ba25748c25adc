package dev.lodge.bench.scale;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lodge.manifest.LodgeJson;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.internal.SSLUtils;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** Requests to the API server as the bed's administrator, or in a kubelet's name. */
final class Api {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final HttpClient http;
  private final String base;
  private final String user;

  /** An answer; code 0: none came. */
  record Reply(int code, JsonNode body) {
    boolean ok() {
      return code >= 200 && code < 300;
    }
  }

  private Api(HttpClient http, String base, String user) {
    this.http = http;
    this.base = base;
    this.user = user;
  }

  static Api of(Config config) throws IOException {
    // The bed's keys are on a curve, which a PEM file in the form PKCS#8 does not tell fabric8.
    config.setClientKeyAlgo("EC");
    try {
      String url = config.getMasterUrl();
      return new Api(
          HttpClient.newBuilder()
              .sslContext(SSLUtils.sslContext(config))
              .connectTimeout(PATIENCE)
              .build(),
          url.endsWith("/") ? url.substring(0, url.length() - 1) : url,
          "");
    } catch (GeneralSecurityException e) {
      throw new IOException(e);
    }
  }

  /** The same in the name of a node's kubelet, with a kubelet's rights only. */
  Api asKubelet(String node) {
    return new Api(http, base, "system:node:" + node);
  }

  CompletableFuture<Reply> send(String method, String path, String type, JsonNode body) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(base + path))
            .timeout(PATIENCE)
            .header("Accept", "application/json")
            .header("User-Agent", "lodge-bench-scale");
    if (!user.isEmpty()) {
      request.header("Impersonate-User", user).header("Impersonate-Group", "system:nodes");
    }
    if (body.isMissingNode()) {
      request.method(method, HttpRequest.BodyPublishers.noBody());
    } else {
      request
          .header("Content-Type", type)
          .method(method, HttpRequest.BodyPublishers.ofString(body.toString()));
    }
    return http.sendAsync(request.build(), HttpResponse.BodyHandlers.ofByteArray())
        .thenApply(r -> new Reply(r.statusCode(), parse(r.body())))
        .exceptionally(e -> new Reply(0, JsonNodeFactory.instance.textNode(String.valueOf(e))));
  }

  Reply get(String path) {
    return send("GET", path, "", JsonNodeFactory.instance.missingNode()).join();
  }

  CompletableFuture<Reply> post(String path, ObjectNode body) {
    return send("POST", path, "application/json", body);
  }

  CompletableFuture<Reply> delete(String path, ObjectNode options) {
    return send("DELETE", path, "application/json", options);
  }

  /** A strategic merge, as kubelets send it. */
  CompletableFuture<Reply> patch(String path, ObjectNode body) {
    return send("PATCH", path, "application/strategic-merge-patch+json", body);
  }

  /** Replaces or adds the members named. */
  CompletableFuture<Reply> merge(String path, ObjectNode body) {
    return send("PATCH", path, "application/merge-patch+json", body);
  }

  /**
   * Follows a collection until the thread is interrupted; begins with all that there is, and again
   * after each break: what it is given must bear that.
   *
   * @param path with its selectors, if any
   */
  void follow(String path, Consumer<JsonNode> event) throws InterruptedException {
    String uri = base + path + (path.contains("?") ? "&" : "?") + "watch=1&timeoutSeconds=3000";
    while (true) {
      HttpRequest request =
          HttpRequest.newBuilder(URI.create(uri)).header("Accept", "application/json").build();
      try (Stream<String> lines = http.send(request, HttpResponse.BodyHandlers.ofLines()).body()) {
        lines.map(l -> parse(l.getBytes(java.nio.charset.StandardCharsets.UTF_8))).forEach(event);
      } catch (IOException | java.io.UncheckedIOException e) {
        Thread.sleep(200);
      }
    }
  }

  private static JsonNode parse(byte[] body) {
    try {
      return LodgeJson.mapper().readTree(body);
    } catch (IOException e) {
      return JsonNodeFactory.instance.textNode(
          new String(body, java.nio.charset.StandardCharsets.UTF_8));
    }
  }
}
