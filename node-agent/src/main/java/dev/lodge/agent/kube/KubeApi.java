package dev.lodge.agent.kube;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lodge.api.ResourceKind;
import dev.lodge.manifest.LodgeJson;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.http.HttpClient;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.HttpResponse;
import io.fabric8.kubernetes.client.utils.HttpClientUtils;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Requests to the API server, one for one call. JSON trees in and out: nothing that this version
 * does not know is lost, and no model classes are loaded. Calls block; any thread may call.
 */
public final class KubeApi implements AutoCloseable {
  private static final ObjectMapper JSON = LodgeJson.mapper();
  private static final String JSON_TYPE = "application/json";

  private final HttpClient http;
  private final String base;
  private final Duration patience;

  /**
   * @param patience how long an answer is waited for
   */
  public KubeApi(Config config, Duration patience) {
    var factory = HttpClientUtils.getHttpClientFactory();
    HttpClient.Builder builder = factory.newBuilder(config);
    HttpClientUtils.applyCommonConfiguration(config, builder, factory);
    this.http = builder.build();
    String url = config.getMasterUrl();
    this.base = url.endsWith("/") ? url.substring(0, url.length() - 1) : url;
    this.patience = patience;
  }

  /** {@code /apis/lodge.dev/v1alpha1/…} of one object. */
  public static String path(ResourceKind kind, String namespace, String name) {
    return "/apis/"
        + ResourceKind.API_VERSION
        + (kind.namespaced() ? "/namespaces/" + namespace : "")
        + "/"
        + kind.plural()
        + "/"
        + name;
  }

  /** {@code /apis/lodge.dev/v1alpha1/…} of all objects of a kind, in all namespaces. */
  public static String path(ResourceKind kind) {
    return "/apis/" + ResourceKind.API_VERSION + "/" + kind.plural();
  }

  /** Reads live: without a resourceVersion the API server asks etcd. */
  public Answer get(String path) {
    return send(http.newHttpRequestBuilder().uri(base + path));
  }

  public Answer post(String path, ObjectNode body) {
    return send(http.newHttpRequestBuilder().uri(base + path).post(JSON_TYPE, bytes(body)));
  }

  public Answer put(String path, ObjectNode body) {
    return send(
        http.newHttpRequestBuilder()
            .uri(base + path)
            .method("PUT", JSON_TYPE, new String(bytes(body), StandardCharsets.UTF_8)));
  }

  /** For tests: an agent may delete nothing. */
  Answer delete(String path) {
    return send(http.newHttpRequestBuilder().uri(base + path).delete(JSON_TYPE, "{}"));
  }

  /** A list with its watch parameters, line by line; see {@link WatchLines}. */
  WatchLines watch(String pathAndQuery, WatchLines.Lines lines) {
    HttpRequest request =
        http.newHttpRequestBuilder().uri(base + pathAndQuery).forStreaming().build();
    return WatchLines.open(http, request, lines);
  }

  private Answer send(HttpRequest.Builder builder) {
    HttpRequest request =
        builder
            .header("Accept", JSON_TYPE)
            .timeout(patience.toMillis(), TimeUnit.MILLISECONDS)
            .build();
    CompletableFuture<HttpResponse<byte[]>> answer = http.sendAsync(request, byte[].class);
    try {
      return answer(answer.get(patience.toMillis(), TimeUnit.MILLISECONDS));
    } catch (TimeoutException e) {
      answer.cancel(true);
      return new Answer.Unknown("no answer within " + patience.toSeconds() + " s");
    } catch (ExecutionException e) {
      return new Answer.Unknown(why(e));
    } catch (InterruptedException e) {
      answer.cancel(true);
      Thread.currentThread().interrupt();
      return new Answer.Unknown("interrupted");
    }
  }

  private static Answer answer(HttpResponse<byte[]> response) {
    int code = response.code();
    byte[] body = Objects.requireNonNullElse(response.body(), new byte[0]);
    @Nullable JsonNode tree = null;
    try {
      tree = JSON.readTree(body);
    } catch (IOException e) {
      // Not JSON: a proxy in between, perhaps.
      tree = null;
    }
    if (code >= 200 && code < 300) {
      return tree instanceof ObjectNode o
          ? new Answer.Done(o)
          : new Answer.Unknown("the answer is no object");
    }
    String message =
        tree == null || !tree.path("message").isTextual()
            ? "HTTP " + code
            : tree.path("message").asText();
    if (code == 429 || code >= 500 || code < 400) {
      return new Answer.Unknown(message);
    }
    return new Answer.Refused(
        code,
        tree == null ? "" : tree.path("reason").asText(""),
        tree == null ? "" : tree.path("details").path("name").asText(""),
        message);
  }

  static String why(Throwable e) {
    Throwable cause = e;
    while (cause.getCause() != null
        && (cause instanceof ExecutionException
            || cause instanceof java.util.concurrent.CompletionException)) {
      cause = cause.getCause();
    }
    return cause.getMessage() == null
        ? cause.getClass().getSimpleName()
        : cause.getClass().getSimpleName() + ": " + cause.getMessage();
  }

  private static byte[] bytes(ObjectNode body) {
    try {
      return JSON.writeValueAsBytes(body);
    } catch (IOException e) {
      throw new IllegalArgumentException(e);
    }
  }

  /** Parameters of a query, encoded. */
  static String query(Map<String, String> parameters) {
    StringBuilder query = new StringBuilder();
    parameters.forEach(
        (name, value) ->
            query
                .append(query.isEmpty() ? '?' : '&')
                .append(name)
                .append('=')
                .append(HttpRequest.formURLEncode(value)));
    return query.toString();
  }

  @Override
  public void close() {
    http.close();
  }
}
