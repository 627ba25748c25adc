package dev.lodge.agent.log;

import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Writes logfmt lines: {@code time= level= component= msg= key=value...}. The supervisor (systemd,
 * a container runtime) keeps them. Never give it secrets or whole domain XML.
 */
public final class Log {
  /** Levels, from the most to the least urgent. */
  public enum Level {
    ERROR,
    WARN,
    INFO,
    DEBUG
  }

  private static final PrintStream OUT = System.err;
  private static volatile Level threshold = Level.INFO;

  private Log() {}

  /**
   * Sets what is written.
   *
   * @throws IllegalArgumentException if there is no such level
   */
  public static void level(String name) {
    threshold = Level.valueOf(name.toUpperCase(Locale.ROOT));
  }

  public static void error(String component, String message, String... pairs) {
    write(Level.ERROR, component, message, pairs);
  }

  public static void warn(String component, String message, String... pairs) {
    write(Level.WARN, component, message, pairs);
  }

  public static void info(String component, String message, String... pairs) {
    write(Level.INFO, component, message, pairs);
  }

  /** A fault with its stack trace, for developers. */
  public static void debug(String component, String message, Throwable fault) {
    if (threshold == Level.DEBUG) {
      var trace = new StringWriter();
      fault.printStackTrace(new PrintWriter(trace));
      write(Level.DEBUG, component, message, "fault", trace.toString());
    }
  }

  /** A fault of ours: always with its place. */
  public static void fault(String component, Throwable fault) {
    StackTraceElement[] trace = fault.getStackTrace();
    write(
        Level.ERROR,
        component,
        "fault in the agent",
        "kind",
        fault.getClass().getName(),
        "why",
        String.valueOf(fault.getMessage()),
        "at",
        trace.length == 0 ? "?" : trace[0].toString());
    debug(component, "fault", fault);
  }

  /** What a library logged; its stack trace is for developers. */
  static void foreign(Level level, String component, String message, @Nullable Throwable fault) {
    if (fault == null) {
      write(level, component, message);
    } else {
      write(level, component, message, "why", fault.toString());
      debug(component, message, fault);
    }
  }

  private static void write(Level level, String component, String message, String... pairs) {
    if (level.compareTo(threshold) <= 0) {
      OUT.println(line(level, component, message, pairs));
    }
  }

  static String line(Level level, String component, String message, String... pairs) {
    var line = new StringBuilder(160);
    line.append("time=")
        .append(Instant.now().truncatedTo(ChronoUnit.MILLIS))
        .append(" level=")
        .append(level.name().toLowerCase(Locale.ROOT))
        .append(" component=")
        .append(component)
        .append(" msg=");
    quote(line, message);
    for (int i = 0; i + 1 < pairs.length; i += 2) {
      line.append(' ').append(pairs[i]).append('=');
      quote(line, pairs[i + 1]);
    }
    return line.toString();
  }

  /** No value can begin a new line or a terminal's escape sequence. */
  private static void quote(StringBuilder line, String value) {
    boolean plain =
        !value.isEmpty()
            && value.chars().allMatch(c -> c > ' ' && c < 127 && c != '"' && c != '=' && c != '\\');
    if (plain) {
      line.append(value);
      return;
    }
    line.append('"');
    value
        .chars()
        .forEach(
            c -> {
              switch (c) {
                case '"', '\\' -> line.append('\\').append((char) c);
                case '\n' -> line.append("\\n");
                case '\t' -> line.append("\\t");
                default -> {
                  if (c < ' ' || c == 127) {
                    line.append("\\x%02x".formatted(c));
                  } else {
                    line.append((char) c);
                  }
                }
              }
            });
    line.append('"');
  }
}
