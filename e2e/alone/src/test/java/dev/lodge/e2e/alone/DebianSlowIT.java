package dev.lodge.e2e.alone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/**
 * The example with a real Debian: its own kernel, systemd and cloud-init. Emulated it takes
 * minutes, so {@code make test-slow} runs it, and {@code make test} does not.
 */
class DebianSlowIT {
  private static final String EXAMPLE =
      Installation.EXAMPLES.resolve("debian-cloud-init.yaml").toString();

  @Test
  void debian_is_set_up_by_cloud_init_and_has_its_address() throws Exception {
    assumeTrue(System.getenv("LODGE_TEST_SLOW") != null, "no LODGE_TEST_SLOW");
    assumeTrue(
        Files.exists(Installation.GUESTS.resolve("debian-12.qcow2")),
        "no Debian; make debian-image makes it");
    try (var lodge = Installation.start()) {
      lodge.lodge("apply", "-f", EXAMPLE, "--wait").ok();

      lodge.awaitLog("debian", "serial", "cloud-init is done on debian", Duration.ofMinutes(15));

      String address =
          lodge.vm("debian").path("status").path("interfaces").path(0).path("ips").path(0).asText();
      assertThat(address).startsWith("10.");
      // cloud-init prints what the guest has: by DHCP the very address that Lodge gave.
      assertThat(lodge.lodge("logs", "debian").out())
          .containsPattern("ci-info: \\|\\s+eth0\\s+\\| True \\|\\s+" + address + " ");
      assertThat(lodge.lodge("network", "leases").out()).contains(address);
      lodge.lodge("delete", "-f", EXAMPLE).ok();
      assertThat(lodge.vm("debian").isMissingNode()).isTrue();
    }
  }
}
