package dev.lodge.agent.kube;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lodge.agent.log.Log;
import dev.lodge.agent.store.ObjectKey;
import dev.lodge.agent.store.StoreEvent;
import dev.lodge.agent.store.StoredObject;
import dev.lodge.api.ResourceKind;
import dev.lodge.manifest.LodgeJson;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Follows the objects of one kind that match one field selector: a list, then a watch from there,
 * for ever, however often either breaks. What it tells never goes back to an older version of an
 * object, and is never proof of anything: it says where to look.
 */
final class Reflector implements AutoCloseable {
  private static final int PAGE = 500;
  private static final int STALE_LISTS = 5;

  /** How patient it is. */
  record Times(Duration idle, Duration answer, Duration firstRetry, Duration lastRetry) {
    static final Times DEFAULT =
        new Times(
            Duration.ofSeconds(90),
            Duration.ofSeconds(15),
            Duration.ofMillis(200),
            Duration.ofSeconds(15));
  }

  /** Takes what is seen; called on the reflector's own thread, one after another. */
  interface Sink {
    /** All that there is, at once; what is not among it is gone from the selection. */
    void listed(Map<ObjectKey, StoredObject> all);

    void changed(StoreEvent.Type type, StoredObject object);
  }

  private final KubeApi api;
  private final ResourceKind kind;
  private final String selector;
  private final Sink sink;
  private final Times times;
  private final Thread thread;

  /** Up to which version everything is known; 0: a list is due. */
  private volatile long version;

  /** The newest that was ever seen. */
  private volatile long newest;

  private int stale;
  private int failures;
  private String told = "";
  private volatile boolean closed;

  /**
   * @param selector of fields; empty: all
   */
  Reflector(KubeApi api, ResourceKind kind, String selector, Sink sink, Times times) {
    this.api = api;
    this.kind = kind;
    this.selector = selector;
    this.sink = sink;
    this.times = times;
    this.thread =
        Thread.ofVirtual()
            .name("lodge-watch-" + kind.plural() + (selector.isEmpty() ? "" : "-" + selector))
            .unstarted(this::run);
  }

  void start() {
    thread.start();
  }

  private void run() {
    try {
      while (!closed) {
        failures = follow() ? 0 : failures + 1;
        if (!closed) {
          pause();
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** One round; what nobody foresaw must not make the agent deaf for good. */
  private boolean follow() throws InterruptedException {
    try {
      return (version != 0 || list()) && watch();
    } catch (RuntimeException e) {
      version = 0;
      return failed("follow", e.toString());
    }
  }

  /** A little at random, so that a thousand agents do not come at once. */
  private void pause() throws InterruptedException {
    long first = times.firstRetry().toMillis();
    long most = Math.min(times.lastRetry().toMillis(), first << Math.min(failures, 10));
    Thread.sleep(first / 2 + ThreadLocalRandom.current().nextLong(Math.max(1, most)));
  }

  private boolean list() throws InterruptedException {
    Map<ObjectKey, StoredObject> all = new LinkedHashMap<>();
    String next = "";
    long at = 0;
    do {
      Map<String, String> query = new LinkedHashMap<>();
      select(query);
      query.put("limit", Integer.toString(PAGE));
      if (!next.isEmpty()) {
        query.put("continue", next);
      }
      switch (api.get(KubeApi.path(kind) + KubeApi.query(query))) {
        case Answer.Done d -> {
          for (JsonNode item : d.body().path("items")) {
            StoredObject o = KubeObjects.of(kind, (ObjectNode) item);
            all.put(o.key(), o);
          }
          JsonNode metadata = d.body().path("metadata");
          at = KubeObjects.version(metadata.path("resourceVersion").asText());
          next = metadata.path("continue").asText("");
        }
        case Answer.Refused r -> {
          return failed("list", r.message());
        }
        case Answer.Unknown u -> {
          return failed("list", u.why());
        }
      }
    } while (!next.isEmpty());
    if (at < newest && stale++ < STALE_LISTS) {
      return failed("list", "it is older than what was seen before");
    }
    stale = 0;
    version = at;
    newest = at;
    sink.listed(all);
    well();
    return true;
  }

  private boolean watch() throws InterruptedException {
    Map<String, String> query = new LinkedHashMap<>();
    select(query);
    query.put("watch", "1");
    query.put("allowWatchBookmarks", "true");
    query.put("resourceVersion", Long.toUnsignedString(version));
    query.put("timeoutSeconds", Integer.toString(ThreadLocalRandom.current().nextInt(240, 480)));
    WatchLines lines = api.watch(KubeApi.path(kind) + KubeApi.query(query), this::line);
    try {
      int code = lines.code(times.answer().toMillis());
      if (code == 410) {
        version = 0;
        return true;
      }
      if (code != 200) {
        lines.cancel();
        return failed("watch", code == 0 ? lines.awaitEnd(1_000) : "HTTP " + code);
      }
      well();
      // A connection that broke after it worked is made again at once, whatever broke it.
      String unused = lines.awaitEnd(times.idle().toMillis());
      return true;
    } catch (InterruptedException e) {
      lines.cancel();
      throw e;
    }
  }

  private void line(byte[] line) throws Exception {
    if (closed || !(LodgeJson.mapper().readTree(line) instanceof ObjectNode event)) {
      return;
    }
    JsonNode tree = event.path("object");
    switch (event.path("type").asText()) {
      case "ADDED", "MODIFIED" -> changed(StoreEvent.Type.MODIFIED, tree);
      case "DELETED" -> changed(StoreEvent.Type.DELETED, tree);
      case "BOOKMARK" ->
          seen(KubeObjects.version(tree.path("metadata").path("resourceVersion").asText()));
      case "ERROR" -> {
        if (tree.path("code").asInt() == 410) {
          version = 0;
        }
        throw new IllegalStateException(tree.path("message").asText("error in the watch"));
      }
      default -> {
        // Of a later version.
      }
    }
  }

  private void changed(StoreEvent.Type type, JsonNode tree) {
    if (tree instanceof ObjectNode o) {
      StoredObject object = KubeObjects.of(kind, o);
      sink.changed(type, object);
      seen(object.resourceVersion());
    }
  }

  private void seen(long at) {
    if (at > version) {
      version = at;
      newest = Math.max(newest, at);
    }
  }

  private void select(Map<String, String> query) {
    if (!selector.isEmpty()) {
      query.put("fieldSelector", selector);
    }
  }

  private boolean failed(String what, String why) {
    if (!told.equals(why)) {
      told = why;
      Log.warn(
          "api", what + " failed; guests run on, tried again", "kind", kind.name(), "why", why);
    }
    return false;
  }

  private void well() {
    if (!told.isEmpty()) {
      told = "";
      Log.info("api", "answers again", "kind", kind.name());
    }
  }

  @Override
  public void close() {
    closed = true;
    thread.interrupt();
  }
}
