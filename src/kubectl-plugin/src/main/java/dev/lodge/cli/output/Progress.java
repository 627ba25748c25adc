package dev.lodge.cli.output;

import java.io.PrintStream;
import java.util.function.LongSupplier;

/**
 * Says what is being waited for, once that takes over a second: on a terminal one line that
 * changes, with the time; elsewhere a line for each new state.
 */
public final class Progress implements AutoCloseable {
  private static final long QUIET_NANOS = 1_000_000_000L;
  private static final String[] WHEEL = {"|", "/", "-", "\\"};

  private final PrintStream err;
  private final boolean terminal;
  private final LongSupplier nanos;
  private final long start;
  private String last = "";
  private boolean shown;
  private int turn;

  public Progress(PrintStream err, boolean terminal, LongSupplier nanos) {
    this.err = err;
    this.terminal = terminal;
    this.nanos = nanos;
    this.start = nanos.getAsLong();
  }

  /** Shows a state; call it often, so that the time goes on. */
  public void show(String state) {
    long elapsed = nanos.getAsLong() - start;
    if (elapsed < QUIET_NANOS) {
      return;
    }
    String text = Sanitizer.line(state);
    if (terminal) {
      err.print(
          "\r\033[K"
              + WHEEL[turn++ % WHEEL.length]
              + " "
              + text
              + " ("
              + elapsed / 1_000_000_000L
              + " s)");
      err.flush();
      shown = true;
    } else if (!text.equals(last)) {
      err.println(text);
      err.flush();
    }
    last = text;
  }

  /** Takes the line away. */
  @Override
  public void close() {
    if (shown) {
      err.print("\r\033[K");
      err.flush();
      shown = false;
    }
  }
}
