package dev.lodge.agent.apiserver;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One watch: changes come from any thread, are filtered, and go out as JSON lines from the event
 * loop as fast as the client reads. A client that does not read is cut off rather than let cost
 * memory: it lists again, as after any broken watch.
 */
final class WatchStream {
  /** Changes that may wait for a slow client. */
  private static final int MAX_WAITING = 512;

  private static final long BOOKMARK_MILLIS = 60_000;

  private final Vertx vertx;
  private final Context context;
  private final HttpServerResponse response;
  private final Renderer renderer;
  private final Selector selector;
  private final boolean bookmarks;
  private final Duration stalled;
  private final Runnable whenEnded;

  private final Deque<Resource.Change> waiting = new ArrayDeque<>();
  private boolean scheduled;
  private boolean overflowed;

  /** Objects that the client has, by UID; only kept where an object can leave the selection. */
  private final Map<String, ObjectNode> known = new LinkedHashMap<>();

  private long unknownUntil;
  private long lastVersion;
  private boolean columnsSent;
  private boolean started;
  private boolean ended;
  private @Nullable AutoCloseable subscription;
  private long bookmarkTimer = -1;
  private long endTimer = -1;
  private long stallTimer = -1;

  WatchStream(
      Vertx vertx,
      HttpServerResponse response,
      Renderer renderer,
      Selector selector,
      boolean bookmarks,
      Duration stalled,
      Runnable whenEnded) {
    this.vertx = vertx;
    this.context = vertx.getOrCreateContext();
    this.response = response;
    this.renderer = renderer;
    this.selector = selector;
    this.bookmarks = bookmarks;
    this.stalled = stalled;
    this.whenEnded = whenEnded;
  }

  /**
   * Begins, on the event loop.
   *
   * @param listing the objects that are there now
   * @param initial whether they are sent first, as ADDED
   * @param from the version after which changes are sent
   * @param initialBookmark whether the end of the first objects is marked
   */
  void start(
      Resource.Listing listing,
      boolean initial,
      long from,
      boolean initialBookmark,
      @Nullable Duration timeout) {
    response.setChunked(true).putHeader("Content-Type", Reply.JSON);
    response.closeHandler(v -> end());
    response.exceptionHandler(e -> end());
    lastVersion = from;
    // Between the client's own list and this moment an object may have left the selection unseen:
    // within that window it is told as gone, which harms nobody who never had it.
    unknownUntil = initial ? from : listing.version();
    for (ObjectNode o : listing.items()) {
      if (selector.matches(o)) {
        if (!selector.stable()) {
          known.put(uid(o), o);
        }
        if (initial) {
          send("ADDED", renderer.one(o, !columnsSent));
          columnsSent = true;
        }
      }
    }
    if (initialBookmark) {
      send("BOOKMARK", renderer.bookmark(from, true));
    }
    if (!response.headWritten()) {
      // The head must go out at once: clients wait for it before they believe in the watch.
      response.writeHead().onFailure(e -> end());
    }
    if (bookmarks) {
      bookmarkTimer =
          vertx.setPeriodic(
              BOOKMARK_MILLIS, t -> send("BOOKMARK", renderer.bookmark(lastVersion, false)));
    }
    if (timeout != null) {
      endTimer = vertx.setTimer(Math.max(1, timeout.toMillis()), t -> finish());
    }
    started = true;
    drain();
  }

  /** Hands over what ends the source's side; on the event loop. */
  void attach(AutoCloseable source) {
    if (ended) {
      close(source);
    } else {
      subscription = source;
    }
  }

  /** A change, from any thread; never blocks. */
  void offer(Resource.Change change) {
    synchronized (waiting) {
      if (overflowed) {
        return;
      }
      if (waiting.size() >= MAX_WAITING) {
        overflowed = true;
        waiting.clear();
      } else {
        waiting.add(change);
        if (scheduled) {
          return;
        }
        scheduled = true;
      }
    }
    context.runOnContext(v -> drain());
  }

  private void drain() {
    if (!started) {
      return; // Changes that come before the start wait for it.
    }
    while (!ended) {
      if (response.closed()) {
        end(); // A moment before its handler is told.
        return;
      }
      synchronized (waiting) {
        if (overflowed) {
          break;
        }
      }
      if (response.writeQueueFull()) {
        // `scheduled` stays set: the drain handler is what runs this again.
        armStall();
        response.drainHandler(v -> drain());
        return;
      }
      Resource.Change change;
      synchronized (waiting) {
        change = waiting.poll();
        if (change == null) {
          scheduled = false;
          disarmStall();
          return;
        }
      }
      handle(change);
    }
    if (!ended) {
      cut();
    }
  }

  private void handle(Resource.Change change) {
    ObjectNode object = change.object();
    lastVersion = Math.max(lastVersion, change.version());
    boolean matches = selector.matches(object);
    if (selector.stable()) {
      if (matches) {
        tell(change.type(), object);
      }
      return;
    }
    String uid = uid(object);
    if (change.type().equals("DELETED")) {
      boolean had = known.remove(uid) != null;
      if (had || matches) {
        tell("DELETED", object);
      }
    } else if (matches) {
      boolean had = known.put(uid, object) != null;
      tell(had ? change.type() : "ADDED", object);
    } else {
      ObjectNode had = known.remove(uid);
      if (had != null || (change.version() <= unknownUntil && change.type().equals("MODIFIED"))) {
        ObjectNode last = (had == null ? object : had).deepCopy();
        last.withObjectProperty("metadata").put("resourceVersion", Long.toString(change.version()));
        tell("DELETED", last);
      }
    }
  }

  private void tell(String type, ObjectNode object) {
    send(type, renderer.one(object, !columnsSent));
    columnsSent = true;
  }

  private void send(String type, ObjectNode object) {
    if (ended || response.closed()) {
      return;
    }
    ObjectNode event = ApiJson.object();
    event.put("type", type).set("object", object);
    write(Buffer.buffer(ApiJson.bytes(event)).appendByte((byte) '\n'));
  }

  private void write(Buffer line) {
    response.write(line).onFailure(e -> end());
  }

  private void armStall() {
    if (stallTimer < 0) {
      stallTimer = vertx.setTimer(stalled.toMillis(), t -> cut());
    }
  }

  private void disarmStall() {
    if (stallTimer >= 0) {
      vertx.cancelTimer(stallTimer);
      stallTimer = -1;
    }
  }

  /** An orderly end: the client watches on from its last version. */
  void finish() {
    if (!ended) {
      end();
      response.end().onFailure(e -> response.reset());
    }
  }

  private void cut() {
    end();
    response.reset();
  }

  private void end() {
    if (ended) {
      return;
    }
    ended = true;
    vertx.cancelTimer(bookmarkTimer);
    vertx.cancelTimer(endTimer);
    disarmStall();
    synchronized (waiting) {
      waiting.clear();
    }
    known.clear();
    if (subscription != null) {
      close(subscription);
      subscription = null;
    }
    whenEnded.run();
  }

  private static void close(AutoCloseable source) {
    try {
      source.close();
    } catch (Exception e) {
      throw new IllegalStateException("a subscription could not be ended", e);
    }
  }

  private static String uid(ObjectNode o) {
    return o.path("metadata").path("uid").asText();
  }
}
