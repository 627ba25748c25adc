package dev.lodge.agent.alone;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lodge.agent.apiserver.ApiException;
import dev.lodge.agent.apiserver.Verbs;
import dev.lodge.agent.reconcile.VmReconciler;
import dev.lodge.agent.store.ObjectKey;
import dev.lodge.agent.store.ObjectStore;
import dev.lodge.agent.store.StatusWrite;
import dev.lodge.agent.store.StoreException;
import dev.lodge.agent.store.StoredObject;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineStatus.Request;
import dev.lodge.manifest.LodgeJson;
import java.time.Clock;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Writes a verb down where the reconciler finds it: start and stop as the VM's own powerState, all
 * of them as a request in its status. What the guest does at once (reset, pause, resume) is waited
 * for.
 */
final class AloneVerbs implements Verbs {
  /** The CRD's bound of {@code status.requests}. */
  private static final int MOST_REQUESTS = 16;

  private final ObjectStore store;
  private final VmReconciler vms;
  private final Operations operations;
  private final Clock clock;

  AloneVerbs(ObjectStore store, VmReconciler vms, Operations operations, Clock clock) {
    this.store = store;
    this.vms = vms;
    this.operations = operations;
    this.clock = clock;
  }

  @Override
  public CompletionStage<Result> request(ObjectKey key, Verb verb, boolean force, String user) {
    StoredObject vm =
        store
            .get(key)
            .orElseThrow(() -> new ApiException(ApiException.Reason.NotFound, key + " not found"));
    if (vm.deleting()) {
      return done(new Result.Refused(vm.name() + " is being deleted"));
    }
    boolean runs = vms.runs(key);
    boolean off = vm.spec().path("powerState").asText().equals("PoweredOff");
    return switch (verb) {
      case START -> {
        if (runs && !off) {
          yield done(new Result.Done(vm.name() + " runs already"));
        }
        power(vm, "PoweredOn");
        ask(vm, verb, false, user);
        yield done(new Result.Accepted(vm.name() + " is being started"));
      }
      case STOP -> {
        if (off && vms.stopped(key)) {
          yield done(new Result.Done(vm.name() + " is stopped already"));
        }
        if (force) {
          // Before the wish, so that no pass sees that one alone and presses the button.
          ask(vm, verb, true, user);
        }
        power(vm, "PoweredOff");
        yield done(
            new Result.Accepted(
                vm.name() + (force ? " is being switched off" : " is asked to shut down")));
      }
      case RESTART -> {
        if (!runs) {
          yield done(notRunning(vm));
        }
        ask(vm, verb, force, user);
        yield done(new Result.Accepted(vm.name() + " is being restarted"));
      }
      case RESET, PAUSE, RESUME -> {
        if (!runs) {
          yield done(notRunning(vm));
        }
        String id = ask(vm, verb, force, user);
        yield operations.when(key, id);
      }
    };
  }

  private static Result notRunning(StoredObject vm) {
    return new Result.Refused(vm.name() + " does not run; start it with: lodge start " + vm.name());
  }

  private static CompletionStage<Result> done(Result result) {
    return CompletableFuture.completedFuture(result);
  }

  private void power(StoredObject vm, String wish) {
    if (vm.spec().path("powerState").asText("PoweredOn").equals(wish)) {
      return;
    }
    if (!vm.ownFile()) {
      store.overridePowerState(vm.key(), wish);
      return;
    }
    for (int tries = 0; ; tries++) {
      StoredObject now = store.get(vm.key()).orElse(vm);
      ObjectNode manifest = now.tree().deepCopy();
      manifest.remove("status");
      manifest.withObjectProperty("spec").put("powerState", wish);
      try {
        store.replace(manifest, now.resourceVersion());
        return;
      } catch (StoreException e) {
        if (e.reason() != StoreException.Reason.Conflict || tries == 5) {
          throw e;
        }
      }
    }
  }

  private String ask(StoredObject vm, Verb verb, boolean force, String user) {
    String id = UUID.randomUUID().toString();
    String word = verb.name().charAt(0) + verb.word().substring(1);
    StatusWrite written =
        store.changeStatus(
            vm.key(),
            vm.uid(),
            status -> {
              ArrayNode requests =
                  status.path("requests") instanceof ArrayNode a ? a : status.putArray("requests");
              if (requests.size() >= MOST_REQUESTS) {
                throw new ApiException(
                    ApiException.Reason.Conflict,
                    vm.name()
                        + " has "
                        + MOST_REQUESTS
                        + " requests waiting; see: lodge describe vm "
                        + vm.name());
              }
              if (verb == Verb.START) {
                // A forced stop of before must not fell a guest that somebody stops later.
                requests.removeIf(r -> r.path("verb").asText().equals("Stop"));
              }
              requests.add(
                  LodgeJson.tree(
                      new Request(
                          id,
                          word,
                          force ? true : null,
                          user,
                          clock.instant().toString(),
                          status.path("epoch").asLong(0))));
              return status;
            });
    if (written instanceof StatusWrite.Failed f) {
      throw new ApiException(
          ApiException.Reason.InternalError, "the request could not be written: " + f.why());
    }
    vms.wake(vm.key());
    return id;
  }
}
