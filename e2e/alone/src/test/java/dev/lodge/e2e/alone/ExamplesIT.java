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
    "kernel-boot, kernel-boot, virtio, GUEST-READY host=kernel-boot",
    "cloud-init, cloud-init, serial, GUEST-READY host=cloud-init ip=10.",
  })
  void example_runs_and_speaks(String example, String vm, String device, String marker) {
    String file = Installation.EXAMPLES.resolve(example + ".yaml").toString();
    lodge.lodge("apply", "-f", file).ok();

    lodge.awaitLog(vm, device, marker);

    assertThat(lodge.phase(vm)).isEqualTo("Running");
    lodge.lodge("delete", "-f", file, "--wait").ok();
    assertThat(lodge.vm(vm).isMissingNode()).isTrue();
  }

  /**
   * The classic domain, as near as any machine can run it: it wants the host's own CPU under KVM,
   * and where the tests run there may be none that a stock kernel boots on. So two fields are
   * others, and the XML shows that nothing else is: {@code hypervisor} is QEMU, not KVM, and {@code
   * cpu.model} is qemu64, not HostPassthrough. The XML of the example itself is the golden case
   * {@code classic}.
   */
  @Test
  void classic_example_runs_by_all_but_its_hypervisor_and_cpu_model() throws Exception {
    String exact = Files.readString(Installation.EXAMPLES.resolve("classic.yaml"));
    String near =
        exact
            .replace("hypervisor: KVM ", "hypervisor: QEMU ")
            .replace("model: HostPassthrough ", "model: qemu64 ");
    var exactXml = xml(exact);
    var nearXml = xml(near);
    assertThat(exactXml).contains("<domain type=\"kvm\">", "<cpu mode=\"host-passthrough\"/>");
    assertThat(withoutHypervisor(nearXml)).isEqualTo(withoutHypervisor(exactXml));

    lodge.lodgeWithInput(near, "apply", "-f", "-").ok();
    lodge.awaitLog("classic", "virtio", "GUEST-READY host=mini ip=10.");

    assertThat(lodge.phase("classic")).isEqualTo("Running");
    // Its button works with no other console than the virtio one.
    lodge.lodge("stop", "classic", "--wait").ok();
    assertThat(lodge.lodge("logs", "classic").out()).contains("POWER-BUTTON");
    lodge.lodgeWithInput(near, "delete", "-f", "-").ok();
    assertThat(Installation.GUESTS.resolve("mini-disk.raw")).as("the disk is its owner's").exists();
  }

  private static String xml(String manifest) {
    return lodge.lodgeWithInput(manifest, "xml", "-f", "-").ok().out();
  }

  /** Without what the kind of hypervisor and the CPU's model decide. */
  private static String withoutHypervisor(String xml) {
    return xml.replaceFirst("<domain type=\"(kvm|qemu)\">", "<domain>")
        .replaceFirst("(?s)    <tcg>.*?</tcg>\n", "")
        .replaceFirst("(?s)  <cpu[^>]*/>\n|  <cpu[^>/]*>.*?</cpu>\n", "");
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
