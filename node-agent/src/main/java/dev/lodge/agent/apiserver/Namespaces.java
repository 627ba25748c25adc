package dev.lodge.agent.apiserver;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.lodge.agent.store.ObjectStore;
import dev.lodge.agent.store.StoredObject;
import dev.lodge.api.ResourceKind;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.Function;

/** Namespaces exist by use: those that objects are in, and {@code default}. They are not made. */
final class Namespaces implements Resource {
  private static final Names NAMES =
      new Names(
          "",
          "v1",
          "Namespace",
          "namespaces",
          "namespace",
          List.of("ns"),
          false,
          List.of("get", "list"));

  private final ObjectStore store;
  private final Instant since;

  Namespaces(ObjectStore store, Clock clock) {
    this.store = store;
    this.since = clock.instant().truncatedTo(ChronoUnit.SECONDS);
  }

  @Override
  public Names names() {
    return NAMES;
  }

  @Override
  public List<Column> columns() {
    return List.of(
        Column.nameColumn(),
        new Column("Status", "string", "", "Always Active.", 0, o -> TextNode.valueOf("Active")),
        Column.path("Age", "date", "Since the agent's start.", 0, ".metadata.creationTimestamp"));
  }

  @Override
  public Map<String, Function<ObjectNode, String>> selectableFields() {
    return Map.of("metadata.name", o -> o.path("metadata").path("name").asText());
  }

  @Override
  public Listing list() {
    TreeSet<String> all = new TreeSet<>(List.of("default"));
    long version = 0;
    for (ResourceKind k : ResourceKind.wishes()) {
      ObjectStore.Listing l = store.list(k);
      version = Math.max(version, l.version());
      if (k.namespaced()) {
        l.items().stream().map(StoredObject::namespace).forEach(all::add);
      }
    }
    return new Listing(version, all.stream().map(this::tree).toList());
  }

  @Override
  public Optional<ObjectNode> get(String namespace, String name) {
    return list().items().stream()
        .filter(o -> o.path("metadata").path("name").asText().equals(name))
        .findFirst();
  }

  @Override
  public AutoCloseable watch(long version, Consumer<Change> listener) {
    throw new ApiException(
        ApiException.Reason.MethodNotAllowed, "namespaces cannot be watched: they exist by use");
  }

  private ObjectNode tree(String name) {
    ObjectNode tree = ApiJson.object();
    tree.put("kind", "Namespace").put("apiVersion", "v1");
    ObjectNode metadata = tree.putObject("metadata");
    metadata
        .put("name", name)
        .put(
            "uid",
            UUID.nameUUIDFromBytes(("namespace/" + name).getBytes(StandardCharsets.UTF_8))
                .toString())
        .put("resourceVersion", "1")
        .put("creationTimestamp", since.toString());
    metadata.putObject("labels").put("kubernetes.io/metadata.name", name);
    tree.putObject("spec");
    tree.putObject("status").put("phase", "Active");
    return tree;
  }
}
