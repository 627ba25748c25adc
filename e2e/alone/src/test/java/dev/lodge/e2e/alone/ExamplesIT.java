package dev.lodge.e2e.alone;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every example, as a user runs it: applied, and its guest's own words read on its console. */
class ExamplesIT {
  private static Installation lodge;

  @BeforeAll
  static void start() throws Exception {
    lodge = Installation.start();
  }

  @AfterAll
  static void stop() throws Exception {
    if (lodge != null) {
      lodge.close();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "tiny-kvm, tiny-kvm, serial, LODGE-TINY-OK",
    "first-vm, first-vm, serial, GUEST-READY host=first-vm ip=10.",
    "kernel-boot, kernel-boot, virtio, GUEST-READY",
    "cloud-init, cloud-init, serial, GUEST-READY host=cloud-init ip=10.",
  })
  void example_runs_and_speaks(String example, String vm, String device, String marker) {
    lodge.lodge("apply", "-f", Installation.EXAMPLES.resolve(example + ".yaml").toString()).ok();

    lodge.awaitLog(vm, device, marker);

    assertThat(lodge.phase(vm)).isEqualTo("Running");
    lodge
        .lodge(
            "delete", "-f", Installation.EXAMPLES.resolve(example + ".yaml").toString(), "--wait")
        .ok();
    assertThat(lodge.vm(vm).isMissingNode()).isTrue();
  }

  /**
   * The classic domain wants a host CPU under KVM, a disk of the administrator's and an ISO; here
   * it is rendered for a host that has KVM, and libvirt's schema agrees (the golden case {@code
   * classic}).
   */
  @Test
  void classic_example_renders() {
    var r = lodge.lodge("xml", "-f", Installation.EXAMPLES.resolve("classic.yaml").toString()).ok();

    assertThat(r.out())
        .contains(
            "<domain type=\"kvm\"",
            "host-passthrough",
            "offset=\"localtime\"",
            "cache=\"none\"",
            "vnc");
  }

  @Test
  void all_examples_are_valid() throws Exception {
    try (Stream<Path> files = Files.list(Installation.EXAMPLES)) {
      List<Path> all = files.filter(f -> f.toString().endsWith(".yaml")).sorted().toList();
      assertThat(all).hasSizeGreaterThan(4);
      for (Path f : all) {
        lodge.lodge("validate", "-f", f.toString()).ok();
      }
    }
  }
}
