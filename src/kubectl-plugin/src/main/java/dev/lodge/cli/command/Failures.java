package dev.lodge.cli.command;

import dev.lodge.cli.Context;
import dev.lodge.cli.Failure;
import org.jspecify.annotations.Nullable;

/** Failures of a command that goes on with the next object; the last one ends it. */
final class Failures {
  private final Context context;
  private @Nullable Failure last;

  Failures(Context context) {
    this.context = context;
  }

  /** Does something, and keeps its failure. */
  void attempt(Runnable action) {
    try {
      action.run();
    } catch (Failure e) {
      add(e);
    }
  }

  void add(Failure failure) {
    Failure former = last;
    if (former != null) {
      Messages.error(context, former.getMessage());
    }
    last = failure;
  }

  /** Ends the command if anything failed. */
  void raise() {
    Failure failure = last;
    if (failure != null) {
      throw failure;
    }
  }
}
