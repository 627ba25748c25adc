package dev.lodge.operator.client;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.HttpResponse;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Requests to the API server as JSON trees, so that members which this version does not know
 * survive. Each is sent once: who writes by compare-and-swap must not have a lost reply repeated.
 */
public final class ApiClient {
  /** Longer than the API server lets a request run, so that the answer is its own. */
  private static final Duration DEADLINE = Duration.ofSeconds(40);

  private static final String JSON = "application/json";
  private static final String MERGE_PATCH = "application/merge-patch+json";

  private final KubernetesClient client;
  private final ObjectMapper mapper = Json.lenient();
  private final String base;
  private final MeterRegistry meters;

  /**
   * @param client for connection and credentials; its own repetition of requests is to be off
   * @param meters where requests are counted, by what they did and what came of them
   */
  public ApiClient(KubernetesClient client, MeterRegistry meters) {
    this.client = client;
    this.meters = meters;
    String url = client.getMasterUrl().toString();
    this.base = url.endsWith("/") ? url.substring(0, url.length() - 1) : url;
  }

  /**
   * Reads live: with no resourceVersion the API server answers from the store, not from a cache.
   */
  public Reply get(String path) {
    return send("get", request(path).method("GET", JSON, (String) null));
  }

  /** Creates an object; {@code path} is that of its collection. */
  public Reply create(String path, JsonNode object) {
    return send("create", request(path).post(JSON, text(object)));
  }

  /** Replaces an object; its resourceVersion makes it a compare-and-swap. */
  public Reply replace(String path, JsonNode object) {
    return send("replace", request(path).put(JSON, text(object)));
  }

  /** Changes members of an object; a resourceVersion in it makes it a compare-and-swap. */
  public Reply merge(String path, JsonNode patch) {
    return send("merge", request(path).patch(MERGE_PATCH, text(patch)));
  }

  /**
   * Deletes an object, if it still is the one that is meant.
   *
   * @param uid of the object
   * @param resourceVersion that it must still have; null: any
   * @param graceSeconds for a pod; null: its own
   */
  public Reply delete(
      String path, String uid, @Nullable String resourceVersion, @Nullable Integer graceSeconds) {
    ObjectNode options = JsonNodeFactory.instance.objectNode();
    options.put("apiVersion", "v1").put("kind", "DeleteOptions");
    ObjectNode preconditions = options.putObject("preconditions").put("uid", uid);
    if (resourceVersion != null) {
      preconditions.put("resourceVersion", resourceVersion);
    }
    if (graceSeconds != null) {
      options.put("gracePeriodSeconds", graceSeconds);
    }
    return send("delete", request(path).delete(JSON, text(options)));
  }

  /** A tree as a typed object; members that its class does not know are left out. */
  public <T> T read(JsonNode tree, Class<T> type) {
    try {
      return mapper.treeToValue(tree, type);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(
          "the API server's " + type.getSimpleName() + " does not fit", e);
    }
  }

  /** A typed object as a tree. */
  public JsonNode tree(Object object) {
    return mapper.valueToTree(object);
  }

  private HttpRequest.Builder request(String path) {
    return client.getHttpClient().newHttpRequestBuilder().uri(base + path);
  }

  private String text(JsonNode tree) {
    try {
      return mapper.writeValueAsString(tree);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a tree is always JSON", e);
    }
  }

  private Reply send(String verb, HttpRequest.Builder request) {
    Reply r = exchange(request);
    meters.counter("lodge.operator.requests", "verb", verb, "outcome", outcome(r)).increment();
    return r;
  }

  private static String outcome(Reply r) {
    return switch (r) {
      case Reply.Done _ -> "done";
      case Reply.Conflict _ -> "conflict";
      case Reply.Exists _ -> "exists";
      case Reply.NotFound _ -> "not-found";
      case Reply.Refused _ -> "refused";
      case Reply.Unknown _ -> "unknown";
    };
  }

  private Reply exchange(HttpRequest.Builder request) {
    CompletableFuture<HttpResponse<String>> answer =
        client
            .getHttpClient()
            .sendAsync(
                request.timeout(DEADLINE.toSeconds(), TimeUnit.SECONDS).build(), String.class);
    try {
      HttpResponse<String> r = answer.get(DEADLINE.toSeconds() + 5, TimeUnit.SECONDS);
      return read(r.code(), r.body());
    } catch (ExecutionException e) {
      return new Reply.Unknown(String.valueOf(e.getCause()));
    } catch (TimeoutException e) {
      answer.cancel(true);
      return new Reply.Unknown("no answer within " + DEADLINE.toSeconds() + " s");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return new Reply.Unknown("interrupted");
    }
  }

  private Reply read(int code, @Nullable String body) {
    JsonNode tree;
    try {
      tree = mapper.readTree(body == null || body.isEmpty() ? "{}" : body);
    } catch (JsonProcessingException e) {
      return code / 100 == 4
          ? new Reply.Refused(code, String.valueOf(body))
          : new Reply.Unknown("answer " + code + " is no JSON");
    }
    if (code / 100 == 2) {
      return new Reply.Done(tree);
    }
    String message = tree.path("message").asText("answer " + code);
    if (code == 409) {
      return tree.path("reason").asText().equals("AlreadyExists")
          ? new Reply.Exists()
          : new Reply.Conflict(message);
    }
    if (code == 404) {
      // A namespace that is gone refuses a creation with 404 too: there is nothing to create in.
      return new Reply.NotFound();
    }
    // 429 and 408 are no verdict on the object.
    return code / 100 == 4 && code != 429 && code != 408
        ? new Reply.Refused(code, message)
        : new Reply.Unknown(message);
  }
}
