package dev.lodge.e2e.cluster;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The real kubectl, as one user. */
final class Kubectl {
  static final ObjectMapper JSON = new ObjectMapper();

  private final List<String> words;

  private Kubectl(List<String> words) {
    this.words = words;
  }

  /** The cluster's administrator, by KUBECONFIG. */
  static Kubectl admin() {
    return new Kubectl(List.of("kubectl"));
  }

  /** A user of the groups that an API server gives everybody, whom the administrator acts as. */
  static Kubectl user(String name) {
    return new Kubectl(List.of("kubectl", "--as=" + name, "--as-group=system:authenticated"));
  }

  /** Who holds this token, and nothing else. */
  static Kubectl token(String kubeconfigWithoutUser, String token) {
    return new Kubectl(
        List.of("kubectl", "--kubeconfig=" + kubeconfigWithoutUser, "--token=" + token));
  }

  Shell.Result run(String... arguments) {
    return with(null, arguments);
  }

  /** With this on its standard input. */
  Shell.Result with(@Nullable String input, String... arguments) {
    var all = new ArrayList<>(words);
    all.addAll(List.of(arguments));
    return Shell.run(input, all);
  }

  Shell.Result apply(String yaml) {
    return with(yaml, "apply", "-f", "-");
  }

  Shell.Result create(String yaml) {
    return with(yaml, "create", "-f", "-");
  }

  /** PUT to any path, as a component would. */
  Shell.Result put(String path, JsonNode object) {
    return with(object.toString(), "replace", "--raw", path, "-f", "-");
  }

  /** POST to any path. */
  Shell.Result post(String path, JsonNode object) {
    return with(object.toString(), "create", "--raw", path, "-f", "-");
  }

  /** The object as JSON, or nothing if there is none. */
  Optional<JsonNode> get(String namespace, String kind, String name) {
    Shell.Result r = run("-n", namespace, "get", kind, name, "-o", "json", "--ignore-not-found");
    return r.ok().out().isBlank() ? Optional.empty() : Optional.of(parse(r.out()));
  }

  List<JsonNode> list(String namespace, String kind, String... more) {
    var arguments = new ArrayList<>(List.of("-n", namespace, "get", kind, "-o", "json"));
    arguments.addAll(List.of(more));
    var items = new ArrayList<JsonNode>();
    parse(run(arguments.toArray(String[]::new)).ok().out()).path("items").forEach(items::add);
    return items;
  }

  static JsonNode parse(String json) {
    try {
      return JSON.readTree(json);
    } catch (JsonProcessingException e) {
      throw new AssertionError(json, e);
    }
  }
}
