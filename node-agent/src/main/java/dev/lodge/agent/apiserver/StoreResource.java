package dev.lodge.agent.apiserver;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lodge.agent.store.ObjectKey;
import dev.lodge.agent.store.ObjectStore;
import dev.lodge.agent.store.StoreException;
import dev.lodge.agent.store.StoredObject;
import dev.lodge.api.ResourceKind;
import dev.lodge.manifest.Crd;
import dev.lodge.manifest.JsonPath;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;

/** A kind of ours, read from the store. */
final class StoreResource implements Resource {
  private final ObjectStore store;
  private final ResourceKind kind;
  private final Names names;
  private final List<Column> columns;
  private final Map<String, Function<ObjectNode, String>> fields;

  /** With the columns and selectable fields of its CRD. */
  StoreResource(ObjectStore store, Crd crd) {
    this.store = store;
    this.kind = crd.kind();
    List<Column> all = new ArrayList<>(List.of(Column.nameColumn()));
    for (Crd.Column c : crd.columns()) {
      all.add(Column.path(c.name(), c.type(), c.description(), c.priority(), c.jsonPath()));
    }
    this.columns = List.copyOf(all);
    this.names =
        new Names(
            ResourceKind.GROUP,
            ResourceKind.VERSION,
            kind.name(),
            kind.plural(),
            kind.singular(),
            List.of(kind.shortName()),
            kind.namespaced(),
            List.of("create", "delete", "get", "list", "patch", "update", "watch"));
    Map<String, Function<ObjectNode, String>> selectable = new LinkedHashMap<>();
    selectable.put("metadata.name", o -> o.path("metadata").path("name").asText());
    if (kind.namespaced()) {
      selectable.put("metadata.namespace", o -> o.path("metadata").path("namespace").asText());
    }
    for (String path : crd.selectableFields()) {
      JsonPath read = JsonPath.compile(path);
      selectable.put(path.substring(1), o -> read.first(o).map(JsonNode::asText).orElse(""));
    }
    this.fields = selectable;
  }

  ResourceKind kind() {
    return kind;
  }

  @Override
  public Names names() {
    return names;
  }

  @Override
  public List<Column> columns() {
    return columns;
  }

  @Override
  public Map<String, Function<ObjectNode, String>> selectableFields() {
    return fields;
  }

  @Override
  public Listing list() {
    ObjectStore.Listing all = store.list(kind);
    return new Listing(
        all.version(),
        all.items().stream()
            .sorted(Comparator.comparing(StoredObject::namespace).thenComparing(StoredObject::name))
            .map(StoredObject::tree)
            .toList());
  }

  @Override
  public Optional<ObjectNode> get(String namespace, String name) {
    return store.get(new ObjectKey(kind, namespace, name)).map(StoredObject::tree);
  }

  @Override
  public AutoCloseable watch(long version, Consumer<Change> listener) {
    try {
      return store.watch(
          kind,
          version,
          e ->
              listener.accept(
                  new Change(e.type().name(), e.object().resourceVersion(), e.object().tree())));
    } catch (StoreException e) {
      throw ApiException.of(e, names, "");
    }
  }
}
