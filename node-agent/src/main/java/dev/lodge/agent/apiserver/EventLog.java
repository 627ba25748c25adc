package dev.lodge.agent.apiserver;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lodge.agent.store.ObjectKey;
import dev.lodge.agent.store.ObjectStore;
import dev.lodge.agent.store.StoreEvent;
import dev.lodge.api.ResourceKind;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * What happened to objects, in people's words: core/v1 Events, kept in memory and bounded. An event
 * that happens again is counted, not repeated. Events are hints for people; nothing may depend on
 * them. All methods may be called from any thread.
 */
public final class EventLog {
  private static final int PER_OBJECT = 25;
  private static final int TOTAL = 1000;
  private static final int HISTORY = 256;
  private static final int MAX_MESSAGE = 1024;
  private static final int MAX_REASON = 128;

  private final Clock clock;
  private final LinkedHashMap<Key, Entry> entries = new LinkedHashMap<>();
  private final Deque<Resource.Change> history = new ArrayDeque<>();
  private final List<Consumer<Resource.Change>> listeners = new CopyOnWriteArrayList<>();
  private long version;

  /** Kubernetes' two types of event. */
  public enum Type {
    Normal,
    Warning
  }

  private record Key(String uid, Type type, String reason, String message) {}

  private record Entry(ObjectKey object, ObjectNode tree) {}

  /**
   * @param clock for timestamps, and for versions that never go back over restarts
   */
  public EventLog(Clock clock) {
    this.clock = clock;
    // Nothing is kept over a restart: a watch from before it must get 410 and list again.
    this.version = clock.millis();
  }

  /**
   * Records that something happened.
   *
   * @param reason a CamelCase word
   * @param message for people; control characters are taken out and its length is bounded
   */
  public void record(ObjectKey object, String uid, Type type, String reason, String message) {
    String why = clean(reason, MAX_REASON);
    String text = clean(message, MAX_MESSAGE);
    String now = clock.instant().truncatedTo(ChronoUnit.SECONDS).toString();
    Key key = new Key(uid, type, why, text);
    synchronized (this) {
      Entry before = entries.remove(key);
      if (before == null) {
        makeRoom(uid);
      }
      version++;
      ObjectNode tree;
      if (before == null) {
        tree = make(object, key, now);
      } else {
        tree = before.tree().deepCopy();
        tree.put("count", tree.path("count").asInt() + 1).put("lastTimestamp", now);
        tree.withObjectProperty("metadata").put("resourceVersion", Long.toString(version));
      }
      entries.put(key, new Entry(object, tree));
      tell(new Resource.Change(before == null ? "ADDED" : "MODIFIED", version, tree));
    }
  }

  /** Forgets an object's events: it is gone, and another of its name is another object. */
  public void forget(String uid) {
    synchronized (this) {
      List<Key> gone = entries.keySet().stream().filter(k -> k.uid().equals(uid)).toList();
      gone.forEach(this::evict);
    }
  }

  /**
   * Forgets the events of each object that goes from now on.
   *
   * @return ends it
   */
  public AutoCloseable follow(ObjectStore store) {
    List<ObjectStore.Subscription> watches = new ArrayList<>();
    for (ResourceKind kind : ResourceKind.wishes()) {
      watches.add(
          store.watch(
              kind,
              store.list(kind).version(),
              e -> {
                if (e.type() == StoreEvent.Type.DELETED) {
                  forget(e.object().uid());
                }
              }));
    }
    return () -> watches.forEach(ObjectStore.Subscription::close);
  }

  private void makeRoom(String uid) {
    List<Key> same = entries.keySet().stream().filter(k -> k.uid().equals(uid)).toList();
    if (same.size() >= PER_OBJECT) {
      evict(same.getFirst());
    }
    if (entries.size() >= TOTAL) {
      evict(entries.firstEntry().getKey());
    }
  }

  private void evict(Key key) {
    Entry gone = entries.remove(key);
    if (gone != null) {
      version++;
      ObjectNode last = gone.tree().deepCopy();
      last.withObjectProperty("metadata").put("resourceVersion", Long.toString(version));
      tell(new Resource.Change("DELETED", version, last));
    }
  }

  private void tell(Resource.Change change) {
    history.addLast(change);
    if (history.size() > HISTORY) {
      history.removeFirst();
    }
    listeners.forEach(l -> l.accept(change));
  }

  private ObjectNode make(ObjectKey object, Key key, String now) {
    String namespace = object.namespace().isEmpty() ? "default" : object.namespace();
    ObjectNode tree = ApiJson.object();
    tree.put("kind", "Event").put("apiVersion", "v1");
    ObjectNode metadata = tree.putObject("metadata");
    metadata
        .put("name", object.name() + "." + Long.toHexString(version))
        .put("namespace", namespace)
        .put("uid", java.util.UUID.randomUUID().toString())
        .put("resourceVersion", Long.toString(version))
        .put("creationTimestamp", now);
    tree.putObject("involvedObject")
        .put("kind", object.kind().name())
        .put("namespace", object.namespace())
        .put("name", object.name())
        .put("uid", key.uid())
        .put("apiVersion", ResourceKind.API_VERSION);
    tree.put("reason", key.reason()).put("message", key.message());
    tree.putObject("source").put("component", "lodge-agent");
    tree.put("firstTimestamp", now).put("lastTimestamp", now).put("count", 1);
    tree.put("type", key.type().name());
    tree.putNull("eventTime");
    tree.put("reportingComponent", "lodge-agent").put("reportingInstance", "");
    return tree;
  }

  /** One line that no terminal acts on. */
  private static String clean(String text, int max) {
    String line = text.strip().replaceAll("\\p{Cntrl}+", " ").replaceAll("\\p{Cf}", "");
    return line.length() <= max ? line : line.substring(0, max - 1) + "…";
  }

  /** The events as the API serves them. */
  Resource resource() {
    return new Events();
  }

  private final class Events implements Resource {
    private static final Names NAMES =
        new Names(
            "",
            "v1",
            "Event",
            "events",
            "event",
            List.of("ev"),
            true,
            List.of("get", "list", "watch"));

    @Override
    public Names names() {
      return NAMES;
    }

    @Override
    public List<Column> columns() {
      return List.of(
          new Column(
              "Last Seen", "date", "", "When it last happened.", 0, o -> o.path("lastTimestamp")),
          new Column("Type", "string", "", "Normal or Warning.", 0, o -> o.path("type")),
          new Column("Reason", "string", "", "Why, in one word.", 0, o -> o.path("reason")),
          new Column(
              "Object",
              "string",
              "",
              "What it happened to.",
              0,
              o ->
                  com.fasterxml.jackson.databind.node.TextNode.valueOf(
                      o.path("involvedObject").path("kind").asText().toLowerCase(Locale.ROOT)
                          + "/"
                          + o.path("involvedObject").path("name").asText())),
          new Column("Message", "string", "", "What happened.", 0, o -> o.path("message")),
          new Column("Count", "integer", "", "How often.", 1, o -> o.path("count")),
          new Column(
              "Name", "string", "name", "The event's name.", 1, o -> o.at("/metadata/name")));
    }

    @Override
    public Map<String, Function<ObjectNode, String>> selectableFields() {
      Map<String, Function<ObjectNode, String>> fields = new LinkedHashMap<>();
      fields.put("metadata.name", o -> o.at("/metadata/name").asText());
      fields.put("metadata.namespace", o -> o.at("/metadata/namespace").asText());
      for (String f : List.of("kind", "namespace", "name", "uid", "apiVersion")) {
        fields.put("involvedObject." + f, o -> o.path("involvedObject").path(f).asText());
      }
      // Selectable in Kubernetes; ours have none.
      fields.put("involvedObject.resourceVersion", o -> "");
      fields.put("involvedObject.fieldPath", o -> "");
      fields.put("reason", o -> o.path("reason").asText());
      fields.put("type", o -> o.path("type").asText());
      fields.put("source", o -> o.at("/source/component").asText());
      fields.put("reportingComponent", o -> o.path("reportingComponent").asText());
      return fields;
    }

    @Override
    public Listing list() {
      synchronized (EventLog.this) {
        List<ObjectNode> items = new ArrayList<>();
        entries.values().forEach(e -> items.add(e.tree()));
        return new Listing(version, items);
      }
    }

    @Override
    public Optional<ObjectNode> get(String namespace, String name) {
      return list().items().stream()
          .filter(
              o ->
                  o.at("/metadata/namespace").asText().equals(namespace)
                      && o.at("/metadata/name").asText().equals(name))
          .findFirst();
    }

    @Override
    public AutoCloseable watch(long from, Consumer<Change> listener) {
      synchronized (EventLog.this) {
        long oldest = history.isEmpty() ? version : history.getFirst().version() - 1;
        if (from < oldest || from > version) {
          throw new ApiException(
              ApiException.Reason.Expired,
              "too old resource version: " + from + " (" + oldest + ")");
        }
        history.stream().filter(c -> c.version() > from).forEach(listener);
        listeners.add(listener);
      }
      return () -> listeners.remove(listener);
    }
  }
}
