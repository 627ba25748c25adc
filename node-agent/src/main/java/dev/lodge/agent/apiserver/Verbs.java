package dev.lodge.agent.apiserver;

import dev.lodge.agent.store.ObjectKey;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/** PORT: what people ask of a VM beyond its manifest. */
@FunctionalInterface
public interface Verbs {

  /**
   * Asks for a verb. The stage completes when it is done, or as soon as it is certain that it will
   * be; exceptionally with an {@link ApiException} or a HypervisorException.
   *
   * @param force stop and restart: pull the plug instead of pressing the power button
   * @param user who asks, for the record
   */
  CompletionStage<Result> request(ObjectKey vm, Verb verb, boolean force, String user);

  /** The verbs, in the words of the path. */
  enum Verb {
    START,
    STOP,
    RESTART,
    RESET,
    PAUSE,
    RESUME;

    /** As in a path: {@code start}. */
    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }

    static Optional<Verb> byWord(String word) {
      for (Verb v : values()) {
        if (v.word().equals(word)) {
          return Optional.of(v);
        }
      }
      return Optional.empty();
    }
  }

  /** What came of it; the message is for people. */
  sealed interface Result {
    String message();

    /** It is done, or nothing was to be done. */
    record Done(String message) implements Result {}

    /** It is on its way; the VM's status tells of its end. */
    record Accepted(String message) implements Result {}

    /** The VM cannot do it now; the message says why and what to do. */
    record Refused(String message) implements Result {}
  }
}
