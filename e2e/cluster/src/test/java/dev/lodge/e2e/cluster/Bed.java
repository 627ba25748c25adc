package dev.lodge.e2e.cluster;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The test bed that is up (e2e/testbed/bed.sh), with its faults. */
final class Bed {
  static final Path CHECKOUT = Path.of("../..").toAbsolutePath().normalize();
  static final String NAMESPACE = "lodge-system";

  private Bed() {}

  /** Skips the test where there is no bed; `make e2e` makes one. */
  static void required() {
    assumeTrue(
        System.getenv("KUBECONFIG") != null && System.getenv("LODGE_E2E") != null,
        "no test bed; run  make e2e");
  }

  static Shell.Result bed(String... arguments) {
    return script("bed.sh", arguments);
  }

  static Shell.Result fault(String... arguments) {
    return script("faults.sh", arguments).ok();
  }

  static Shell.Result node(String name, String... command) {
    var all = new ArrayList<>(List.of("node", "exec", name));
    all.addAll(List.of(command));
    return bed(all.toArray(String[]::new));
  }

  private static Shell.Result script(String name, String... arguments) {
    var all = new ArrayList<>(List.of(CHECKOUT.resolve("e2e/testbed/" + name).toString()));
    all.addAll(List.of(arguments));
    return Shell.run(null, all);
  }
}
