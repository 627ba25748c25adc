package dev.lodge.operator.cache;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * All objects of a kind as a watch tells of them, and what this process wrote a moment ago: without
 * the latter, a pass right after a creation would not see what the last one made.
 */
public final class Mirror<T extends HasMetadata> {
  /** An own write that no watch confirmed after this was undone by somebody meanwhile. */
  private static final Duration CONFIRMED_BY = Duration.ofSeconds(60);

  private static final String BY = "by";

  private final SharedIndexInformer<T> informer;
  private final Function<T, List<String>> index;
  private final InstantSource clock;
  private final Map<String, Own<T>> own = new ConcurrentHashMap<>();

  /** UIDs of objects that a watch said are gone, and when: an answer of ours may come later. */
  private final Map<String, Long> ended = new ConcurrentHashMap<>();

  private record Own<T>(T object, long writtenAt) {}

  /**
   * @param informer not yet started
   * @param index values by which objects are looked up ({@link #by})
   * @param changed told of the old and the new object after each change; either may be null
   */
  public Mirror(
      SharedIndexInformer<T> informer,
      Function<T, List<String>> index,
      BiConsumer<@Nullable T, @Nullable T> changed,
      InstantSource clock) {
    this.informer = informer;
    this.index = index;
    this.clock = clock;
    informer.addIndexers(Map.of(BY, index));
    // A watch that failed is begun anew, for ever: the API server may be away for long.
    informer.exceptionHandler((_, _) -> true);
    informer.addEventHandler(
        new ResourceEventHandler<T>() {
          @Override
          public void onAdd(T object) {
            confirmed(object);
            changed.accept(null, object);
          }

          @Override
          public void onUpdate(T before, T object) {
            confirmed(object);
            changed.accept(before, object);
          }

          @Override
          public void onDelete(T object, boolean deletedFinalStateUnknown) {
            gone(object);
            changed.accept(object, null);
          }
        });
  }

  /** Begins; done once everything was listed. */
  public CompletableFuture<Void> start() {
    return informer.start().toCompletableFuture();
  }

  public void stop() {
    informer.stop();
  }

  /** Whether a watch is open, for the health check. */
  public boolean watching() {
    return informer.isWatching();
  }

  public int size() {
    return informer.getStore().listKeys().size();
  }

  /** Remembers an own write until a watch confirms it. */
  public void wrote(T object) {
    String key = Keys.of(object.getMetadata());
    long now = clock.millis();
    own.values().removeIf(mine -> !fresh(mine));
    ended.values().removeIf(at -> now - at >= CONFIRMED_BY.toMillis());
    var mine = new Own<>(object, now);
    own.put(key, mine);
    // Put first and asked then, while a watch notes first and takes away then: one of both sees it.
    if (ended.containsKey(object.getMetadata().getUid())) {
      own.remove(key, mine);
      return;
    }
    T seen = informer.getStore().getByKey(key);
    if (seen != null) {
      confirmed(seen);
    }
  }

  public @Nullable T get(@Nullable String namespace, String name) {
    String key = Keys.of(namespace, name);
    Own<T> mine = own.get(key);
    return mine != null && fresh(mine) ? mine.object() : informer.getStore().getByKey(key);
  }

  /** Objects with this value in the index. */
  public List<T> by(String value) {
    var found = new ArrayList<T>();
    for (T seen : informer.getIndexer().byIndex(BY, value)) {
      Own<T> mine = own.get(Keys.of(seen.getMetadata()));
      if (mine == null || !fresh(mine)) {
        found.add(seen);
      }
    }
    for (Own<T> mine : own.values()) {
      if (fresh(mine) && index.apply(mine.object()).contains(value)) {
        found.add(mine.object());
      }
    }
    return found;
  }

  public Stream<T> all() {
    return informer.getStore().list().stream();
  }

  private boolean fresh(Own<T> mine) {
    return clock.millis() - mine.writtenAt() < CONFIRMED_BY.toMillis();
  }

  private void gone(T object) {
    String uid = object.getMetadata().getUid();
    ended.put(uid, clock.millis());
    own.computeIfPresent(
        Keys.of(object.getMetadata()),
        (_, mine) -> mine.object().getMetadata().getUid().equals(uid) ? null : mine);
  }

  private void confirmed(T seen) {
    own.computeIfPresent(
        Keys.of(seen.getMetadata()),
        (_, mine) ->
            Versions.compare(seen.getMetadata(), mine.object().getMetadata()) >= 0 ? null : mine);
  }
}
