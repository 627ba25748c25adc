package dev.lodge.agent.apiserver;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerRequest;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Starts watches, and bounds their number. Lives on the event loop. */
final class Watches {
  private final Vertx vertx;
  private final Work work;
  private final Reads reads;
  private final ApiServerConfig.Limits limits;
  private final Set<WatchStream> open = new LinkedHashSet<>();
  private int starting;

  Watches(Vertx vertx, Work work, Reads reads, ApiServerConfig.Limits limits) {
    this.vertx = vertx;
    this.work = work;
    this.reads = reads;
    this.limits = limits;
  }

  /**
   * @param version after which changes are wanted; empty or 0: any, with the present objects first
   */
  private record Wish(
      OptionalLong version,
      boolean initial,
      boolean bookmarks,
      boolean mark,
      @Nullable Duration timeout) {
    static Wish of(Query query) {
      OptionalLong version = query.number("resourceVersion");
      boolean any = version.orElse(0) == 0;
      String send = query.text("sendInitialEvents");
      boolean bookmarks = query.flag("allowWatchBookmarks");
      if (!send.isEmpty() && !query.text("resourceVersionMatch").equals("NotOlderThan")) {
        throw ApiException.badRequest("sendInitialEvents needs resourceVersionMatch=NotOlderThan");
      }
      OptionalLong seconds = query.number("timeoutSeconds");
      return new Wish(
          version,
          send.isEmpty() ? any : send.equals("true"),
          bookmarks,
          send.equals("true") && bookmarks,
          seconds.isPresent() ? Duration.ofSeconds(Math.min(seconds.getAsLong(), 86_400)) : null);
    }
  }

  /** A listing, and where a subscription goes on from it. */
  private record Begun(Resource.Listing listing, long from, AutoCloseable subscription) {}

  void start(
      Answer answer,
      Resource resource,
      Route.Objects route,
      Optional<String> name,
      Accept accept,
      Query query) {
    HttpServerRequest request = answer.request();
    Selector selector = reads.selector(resource, route, query);
    if (name.isPresent()) {
      selector =
          selector.and(Selector.fields("metadata.name=" + name.get(), resource.selectableFields()));
    }
    Wish wish = Wish.of(query);
    if (open.size() + starting >= limits.watches()) {
      throw new ApiException(
          ApiException.Reason.TooManyRequests,
          "there are " + limits.watches() + " watches already; try again later");
    }
    WatchStream[] self = new WatchStream[1];
    WatchStream stream =
        new WatchStream(
            vertx,
            request.response(),
            reads.renderer(resource, accept, query),
            selector,
            wish.bookmarks(),
            limits.stalled(),
            () -> {
              open.remove(self[0]);
              answer.streamEnded();
            });
    self[0] = stream;
    starting++;
    work.quick(() -> begin(resource, wish, stream))
        .onSuccess(
            begun -> {
              starting--;
              if (request.response().closed()) {
                stream.attach(begun.subscription());
                stream.finish();
                return;
              }
              open.add(stream);
              answer.streaming();
              stream.attach(begun.subscription());
              stream.start(
                  begun.listing(), wish.initial(), begun.from(), wish.mark(), wish.timeout());
            })
        .onFailure(
            e -> {
              starting--;
              answer.fail(e);
            });
  }

  private static Begun begin(Resource resource, Wish wish, WatchStream stream) {
    Resource.Listing listing = resource.list();
    long from =
        wish.initial() || wish.version().isEmpty() ? listing.version() : wish.version().getAsLong();
    if (from > listing.version()) {
      throw new ApiException(
          ApiException.Reason.Expired,
          "resource version "
              + from
              + " is not one of this agent's (it is at "
              + listing.version()
              + "); list again");
    }
    return new Begun(listing, from, resource.watch(from, stream::offer));
  }

  /** Ends all: the server stops. */
  void close() {
    List.copyOf(open).forEach(WatchStream::finish);
  }
}
