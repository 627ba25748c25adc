package dev.lodge.libvirtxml;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lodge.domain.plan.MachinePlanner;
import dev.lodge.domain.plan.PlanResult.Planned;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The manifests that a user meets first are planned and rendered on a host with KVM. */
class ExamplesTest {

  @Test
  void every_example_gives_a_valid_domain(@TempDir Path folder) throws Exception {
    // Given
    List<Path> examples;
    try (var files = Files.list(Path.of("../../examples"))) {
      examples = files.filter(f -> f.toString().endsWith(".yaml")).sorted().toList();
    }
    assertThat(examples).hasSizeGreaterThanOrEqualTo(6);
    // When
    List<Path> rendered = new ArrayList<>();
    for (Path example : examples) {
      for (String document : Files.readString(example).split("(?m)^---$")) {
        if (document.contains("kind: VirtualMachine")) {
          var request = TestManifest.parse(document).request(TestHost.DEBIAN_12.withKvm());
          var result = new MachinePlanner().plan(request);
          assertThat(result).as(example.toString()).isInstanceOf(Planned.class);
          Path out = folder.resolve(example.getFileName() + "." + rendered.size() + ".xml");
          Files.writeString(out, DomainXml.render(((Planned) result).plan()));
          rendered.add(out);
        }
      }
    }
    // Then
    assertThat(rendered).hasSameSizeAs(examples);
    assertThat(Schema.DOMAIN.complaints(rendered)).isEmpty();
  }
}
