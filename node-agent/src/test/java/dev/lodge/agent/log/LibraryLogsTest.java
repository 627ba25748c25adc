package dev.lodge.agent.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import org.junit.jupiter.api.Test;

class LibraryLogsTest {
  private final List<String> written = new ArrayList<>();
  private final LibraryLogs handler =
      new LibraryLogs(
          (level, component, message, fault) ->
              written.add(level + " " + component + " " + message + " " + fault));

  @Test
  void a_record_of_a_library_becomes_one_line_of_ours() {
    var record = new LogRecord(Level.WARNING, "no usable {0} address");
    record.setLoggerName("io.netty.channel.DefaultChannelId");
    record.setParameters(new Object[] {"hardware"});

    handler.publish(record);

    assertThat(written).containsExactly("WARN netty no usable hardware address null");
  }

  @Test
  void levels_are_ours_and_a_fault_comes_along() {
    var severe = new LogRecord(Level.SEVERE, "x");
    severe.setThrown(new IllegalStateException("why"));
    handler.publish(severe);
    handler.publish(new LogRecord(Level.FINE, "y"));

    assertThat(written)
        .containsExactly(
            "ERROR library x java.lang.IllegalStateException: why", "DEBUG library y null");
  }

  @Test
  void what_a_library_says_cannot_break_a_line() {
    String line = Log.line(Log.Level.WARN, "netty", "two\nlines \u001b[31m");

    assertThat(line).endsWith("level=warn component=netty msg=\"two\\nlines \\x1b[31m\"");
    assertThat(line.chars()).noneMatch(Character::isISOControl);
  }
}
