package dev.lodge.agent.log;

import java.util.logging.Handler;
import java.util.logging.LogManager;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;
import org.jspecify.annotations.Nullable;

/**
 * Brings what libraries log by {@code java.util.logging} (Netty, Vert.x) into our log, a line each
 * and in its form: a log of two forms can be read by no program.
 */
public final class LibraryLogs extends Handler {
  private final Sink sink;
  private final SimpleFormatter words = new SimpleFormatter();

  /** Where records go. */
  interface Sink {
    void write(Log.Level level, String component, String message, @Nullable Throwable fault);
  }

  LibraryLogs(Sink sink) {
    this.sink = sink;
  }

  /** Takes over for the whole process, from its beginning. */
  public static void takeOver() {
    LogManager.getLogManager().reset();
    Logger.getLogger("").addHandler(new LibraryLogs(Log::foreign));
  }

  @Override
  public void publish(LogRecord record) {
    if (isLoggable(record)) {
      sink.write(
          level(record.getLevel().intValue()),
          component(record.getLoggerName()),
          words.formatMessage(record),
          record.getThrown());
    }
  }

  private static Log.Level level(int of) {
    if (of >= java.util.logging.Level.SEVERE.intValue()) {
      return Log.Level.ERROR;
    }
    if (of >= java.util.logging.Level.WARNING.intValue()) {
      return Log.Level.WARN;
    }
    return of >= java.util.logging.Level.INFO.intValue() ? Log.Level.INFO : Log.Level.DEBUG;
  }

  /** {@code io.netty.channel.DefaultChannelId} is {@code netty}. */
  private static String component(@Nullable String logger) {
    String[] parts = logger == null ? new String[0] : logger.split("\\.", 3);
    return parts.length < 2 ? "library" : parts[1];
  }

  @Override
  public void flush() {}

  @Override
  public void close() {}
}
