package dev.lodge.cli.client;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lodge.api.ResourceKind;
import dev.lodge.cli.ExitCode;
import dev.lodge.cli.Failure;
import dev.lodge.cli.output.Progress;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Waits for an object, woken by a watch, and shows how far it is. */
public final class Waiter {
  /** How often the time on the terminal and the progress of an import go on. */
  private static final Duration TICK = Duration.ofMillis(250);

  /** How long a failure that was there before the wait began may be the old one. */
  private static final Duration STALE = Duration.ofSeconds(5);

  private final Api api;
  private final Progress progress;

  public Waiter(Api api, Progress progress) {
    this.api = api;
    this.progress = progress;
  }

  /** What came over the watch. */
  private sealed interface News {
    record Changed(JsonNode object) implements News {}

    record Gone() implements News {}

    record Ended(@Nullable Failure why) implements News {}
  }

  /**
   * Waits until a VM reaches a goal, and returns it as it then is.
   *
   * @param before the VM before the change that should bring it there; its failure counts only if
   *     it lasts
   * @throws Failure TIMED_OUT; FAILED with the VM's own words if it cannot get there; NOT_FOUND
   */
  public JsonNode await(Target vm, Goal goal, @Nullable JsonNode before, Duration timeout) {
    long start = System.nanoTime();
    var stale = before == null ? null : Conditions.of(before, "Ready").toString();
    String way = "waiting for the agent";
    JsonNode last = null;
    try (var feed = new Feed(vm)) {
      while (true) {
        News news = feed.poll();
        switch (news) {
          case News.Gone gone ->
              throw new Failure(ExitCode.NOT_FOUND, vm + " was deleted meanwhile");
          case News.Ended ended -> throw lost(ended.why());
          case News.Changed changed -> last = changed.object();
          case null -> {}
        }
        Duration elapsed = Duration.ofNanos(System.nanoTime() - start);
        if (last != null) {
          switch (goal.judge(last)) {
            case Goal.Verdict.Reached reached -> {
              return last;
            }
            case Goal.Verdict.Under under -> {
              stale = null;
              way = under.way();
            }
            case Goal.Verdict.Hopeless hopeless -> {
              boolean old = Conditions.of(last, "Ready").toString().equals(stale);
              if (!old || elapsed.compareTo(STALE) > 0) {
                throw new Failure(ExitCode.FAILED, vm + ": " + hopeless.why());
              }
              way = hopeless.why();
            }
          }
        }
        if (elapsed.compareTo(timeout) > 0) {
          throw new Failure(
              ExitCode.TIMED_OUT,
              vm + " is not there after " + timeout.toSeconds() + " s; it is at: " + way);
        }
        progress.show(vm.name() + ": " + way + importing(last));
      }
    }
  }

  /** Waits until an object of this UID is gone. */
  public void awaitGone(Target target, String uid, Duration timeout) {
    long start = System.nanoTime();
    JsonNode last = null;
    try (var feed = new Feed(target)) {
      while (true) {
        News news = feed.poll();
        switch (news) {
          case News.Gone gone -> {
            return;
          }
          case News.Ended ended -> throw lost(ended.why());
          case News.Changed changed -> {
            last = changed.object();
            if (!last.path("metadata").path("uid").asText().equals(uid)) {
              return;
            }
          }
          case null -> {
            if (last == null && api.find(target.path()).isEmpty()) {
              return;
            }
          }
        }
        String phase = last == null ? "" : last.path("status").path("phase").asText();
        if (Duration.ofNanos(System.nanoTime() - start).compareTo(timeout) > 0) {
          throw new Failure(
              ExitCode.TIMED_OUT,
              target + " is still there after " + timeout.toSeconds() + " s, " + phase);
        }
        progress.show(target.name() + ": deleting" + (phase.isEmpty() ? "" : ", " + phase));
      }
    }
  }

  private static Failure lost(@Nullable Failure why) {
    return why != null
        ? why
        : new Failure(ExitCode.UNREACHABLE, "the agent ended the watch; it may be restarting");
  }

  /** How far the images of a VM are, e.g. {@code , debian-12 43 %}. */
  private String importing(@Nullable JsonNode vm) {
    if (vm == null || !Conditions.of(vm, "ImagesReady").path("status").asText().equals("False")) {
      return "";
    }
    var text = new StringBuilder();
    String namespace = vm.path("metadata").path("namespace").asText();
    for (JsonNode ref : vm.path("spec").findValues("imageRef")) {
      String name = ref.path("name").asText();
      String owner = ref.path("namespace").asText(namespace);
      JsonNode image =
          api.find(Target.of(ResourceKind.VmImage, owner, name).path()).orElse(Json.object());
      JsonNode host = image.path("status").path("hosts").path(0);
      if (host.has("progress") && !host.path("state").asText().equals("Present")) {
        text.append(", ")
            .append(name)
            .append(' ')
            .append(host.path("progress").asInt())
            .append(" %");
      }
    }
    return text.toString();
  }

  /** A watch of one object in a thread of its own, so that the wait can have a deadline. */
  private final class Feed implements AutoCloseable {
    private final BlockingQueue<News> news = new LinkedBlockingQueue<>();
    private final Watch watch;

    Feed(Target target) {
      Map<String, String> parameters = new LinkedHashMap<>();
      parameters.put("watch", "true");
      parameters.put("fieldSelector", "metadata.name=" + target.name());
      String path = Paths.query(Paths.objects(target.kind(), target.namespace()), parameters);
      watch = api.watch(path, Api.JSON);
      Thread.ofPlatform().daemon().name("watch").start(this::follow);
    }

    private void follow() {
      try {
        for (JsonNode event = watch.next(); event != null; event = watch.next()) {
          boolean gone = event.path("type").asText().equals("DELETED");
          news.add(gone ? new News.Gone() : new News.Changed(event.path("object")));
        }
        news.add(new News.Ended(null));
      } catch (Failure e) {
        news.add(new News.Ended(e));
      }
    }

    @Nullable News poll() {
      try {
        return news.poll(TICK.toMillis(), TimeUnit.MILLISECONDS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new Failure(ExitCode.FAILED, "interrupted");
      }
    }

    @Override
    public void close() {
      watch.close();
    }
  }
}
