package dev.lodge.agent.source;

import dev.lodge.agent.log.Log;
import dev.lodge.agent.store.FileProblem;
import dev.lodge.agent.store.NodeStore.Subscription;
import dev.lodge.agent.store.ObjectKey;
import dev.lodge.agent.store.StoreException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Runs the passes, one after the other, and keeps what they had to complain about. */
final class DirectoryPasses {
  private static final Duration RETRY = Duration.ofSeconds(1);
  private static final long NEVER = Long.MAX_VALUE;

  private final DirectoryWorld world;
  private final Path state;
  private final Runnable dueEarlier;
  private final List<Consumer<List<FileProblem>>> listeners = new CopyOnWriteArrayList<>();
  private List<FileProblem> ofPass = List.of();
  private @Nullable FileProblem ofState;
  private volatile List<FileProblem> problems = List.of();
  private volatile long due = NEVER;

  /**
   * @param dueEarlier called when {@link #left} may be shorter than it was
   */
  DirectoryPasses(DirectoryWorld world, Path state, Runnable dueEarlier) {
    this.world = world;
    this.state = state;
    this.dueEarlier = dueEarlier;
  }

  /**
   * Makes the objects what the directory says.
   *
   * @param atOnce objects whose files Lodge itself removed
   * @param scanned all of the directory was read just now
   * @throws StoreException Unwritable; it is tried again by itself
   */
  synchronized void run(Set<ObjectKey> atOnce, boolean scanned) {
    long before = due;
    try {
      DirectoryPass.Outcome outcome =
          world.objects().run(new DirectoryPass(world, atOnce, scanned));
      ofPass = outcome.problems().stream().map(p -> p.in(world.directory().path())).toList();
      ofState = null;
      due = in(outcome.again());
    } catch (StoreException e) {
      ofState =
          new FileProblem(
              FileProblem.Severity.ERROR,
              state.toString(),
              e.getMessage() + "; changed manifests wait until it can",
              List.of());
      due = in(RETRY);
      throw e;
    } finally {
      publish();
      if (due < before) {
        dueEarlier.run();
      }
    }
  }

  /** How long until a pass is due without an event; null: none is. */
  @Nullable Duration left() {
    long at = due;
    return at == NEVER ? null : Duration.ofNanos(at - world.nanos().getAsLong());
  }

  List<FileProblem> problems() {
    return problems;
  }

  Subscription listen(Consumer<List<FileProblem>> listener) {
    listeners.add(listener);
    List<FileProblem> now = problems;
    world.objects().tell(() -> tell(listener, now));
    return () -> listeners.remove(listener);
  }

  private long in(@Nullable Duration left) {
    return left == null ? NEVER : world.nanos().getAsLong() + Math.max(0, left.toNanos());
  }

  private void publish() {
    List<FileProblem> now = new ArrayList<>(world.objects().damaged());
    now.addAll(ofPass);
    if (ofState != null) {
      now.add(ofState);
    }
    if (now.equals(problems)) {
      return;
    }
    List<FileProblem> next = List.copyOf(now);
    problems = next;
    world.objects().tell(() -> listeners.forEach(l -> tell(l, next)));
  }

  private static void tell(Consumer<List<FileProblem>> listener, List<FileProblem> problems) {
    try {
      listener.accept(problems);
    } catch (RuntimeException e) {
      Log.fault("manifests", e);
    }
  }
}
