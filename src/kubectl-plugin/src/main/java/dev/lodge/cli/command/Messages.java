package dev.lodge.cli.command;

import dev.lodge.cli.Context;
import dev.lodge.cli.output.Sanitizer;
import org.jspecify.annotations.Nullable;

/** How errors look. */
public final class Messages {
  private Messages() {}

  /** One error; nothing if there is nothing to say. */
  public static void error(Context context, @Nullable String message) {
    if (message != null && !message.isEmpty()) {
      context.out().flush();
      context.err().println("error: " + Sanitizer.lines(message));
      context.err().flush();
    }
  }
}
