package dev.lodge.agent.alone;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lodge.agent.apiserver.Verbs.Result;
import dev.lodge.agent.store.ObjectKey;
import dev.lodge.agent.store.ObjectStore;
import dev.lodge.agent.store.StoredObject;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/** Waits for requests to turn up among a VM's operations. */
final class Operations {
  private static final long MOST_SECONDS = 15;

  private final ObjectStore store;
  private final Map<String, CompletableFuture<Result>> waiting = new ConcurrentHashMap<>();

  Operations(ObjectStore store) {
    this.store = store;
  }

  /** Completes when the request is done; after a while with the word that it goes on. */
  CompletionStage<Result> when(ObjectKey vm, String id) {
    CompletableFuture<Result> result =
        new CompletableFuture<Result>()
            .completeOnTimeout(
                new Result.Accepted("not done yet; see: lodge describe vm " + vm.name()),
                MOST_SECONDS,
                TimeUnit.SECONDS);
    waiting.put(id, result);
    CompletionStage<Result> cleaned = result.whenComplete((_, _) -> waiting.remove(id));
    store.get(vm).ifPresent(this::changed);
    return cleaned;
  }

  /** A VM changed: looks whether somebody waits for one of its operations. */
  void changed(StoredObject vm) {
    if (waiting.isEmpty()) {
      return;
    }
    for (JsonNode o : vm.status().path("operations")) {
      CompletableFuture<Result> w = waiting.get(o.path("id").asText());
      if (w != null) {
        w.complete(
            o.path("result").asText().equals("Succeeded")
                ? new Result.Done(
                    vm.name()
                        + ": "
                        + o.path("verb").asText().toLowerCase(java.util.Locale.ROOT)
                        + " done")
                : new Result.Refused(o.path("message").asText()));
      }
    }
  }
}
