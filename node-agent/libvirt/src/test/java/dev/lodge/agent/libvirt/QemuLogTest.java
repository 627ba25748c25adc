package dev.lodge.agent.libvirt;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lodge.domain.hypervisor.HypervisorEvent.DomainEnded.How;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class QemuLogTest {
  private static final String START =
      """
      2026-11-24 15:55:10.042+0000: starting up libvirt version: 9.0.0, package: 9.0.0-4
      LC_ALL=C \\
      /usr/bin/qemu-system-i386 \\
      -msg timestamp=on
      char device redirected to /dev/pts/3 (label charserial0)
      """;

  @TempDir Path dir;

  @ParameterizedTest
  @CsvSource({
    "shutdown, SHUTDOWN",
    "destroyed, DESTROYED",
    "crashed, CRASHED",
    "failed, CRASHED",
    "migrated, UNKNOWN",
    "unknown, UNKNOWN",
  })
  void theLastEndCounts(String reason, How how) throws IOException {
    log(
        START
            + "2026-11-24 15:55:11.0+0000: shutting down, reason=destroyed\n"
            + START
            + "2026-11-24 15:55:12.0+0000: shutting down, reason="
            + reason
            + "\n");

    assertThat(new QemuLog(dir).lastEnd("vm")).isEqualTo(how);
  }

  @Test
  void aGuestThatWasStartedSinceHasNoLastEnd() throws IOException {
    log(START + "2026-11-24 15:55:11.0+0000: shutting down, reason=destroyed\n" + START);

    assertThat(new QemuLog(dir).lastEnd("vm")).isEqualTo(How.UNKNOWN);
  }

  @Test
  void aLineWithoutATimeIsNotLibvirts() throws IOException {
    log(START + "guest says: shutting down, reason=shutdown\n");

    assertThat(new QemuLog(dir).lastEnd("vm")).isEqualTo(How.UNKNOWN);
  }

  @Test
  void theLastWordsAreThoseSinceTheLastStart() throws IOException {
    log(
        START
            + "2026-11-24T15:55:10.9Z qemu-system-i386: old words\n"
            + START
            + "2026-11-24T15:55:11.7Z qemu-system-i386: -device x: 'x' is not a device\u001b[2J\n"
            + "2026-11-24 15:55:12.0+0000: shutting down, reason=failed\n");

    assertThat(new QemuLog(dir).lastWords("vm")).isEqualTo("-device x: 'x' is not a device?[2J");
  }

  @Test
  void onlyTheEndOfALongLogIsReadAndTheWordsAreBounded() throws IOException {
    log(START + "x".repeat(5_000_000) + "\nthe end\n");

    assertThat(new QemuLog(dir).lastWords("vm")).endsWith("the end").hasSizeLessThan(2100);
  }

  @Test
  void withoutALogNothingIsKnown() {
    QemuLog log = new QemuLog(dir);

    assertThat(log.lastWords("nobody")).isEmpty();
    assertThat(log.lastEnd("nobody")).isEqualTo(How.UNKNOWN);
  }

  private void log(String text) throws IOException {
    Files.writeString(dir.resolve("vm.log"), text);
  }
}
