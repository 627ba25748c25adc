package dev.lodge.libvirtxml;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lodge.domain.plan.MachinePlanner;
import dev.lodge.domain.plan.PlanResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * Each folder of {@code src/test/golden} is a case: {@code in.yaml} gives exactly {@code out.xml},
 * or the refusal {@code out.txt}. {@code -Dlodge.golden.write=true} writes them anew, for a look
 * with git diff.
 */
class GoldenTest {
  private static final boolean WRITE = Boolean.getBoolean("lodge.golden.write");

  @TestFactory
  Stream<DynamicTest> manifests() {
    return TestManifest.cases().stream()
        .map(
            folder ->
                DynamicTest.dynamicTest(folder.getFileName().toString(), () -> check(folder)));
  }

  private static void check(Path folder) throws Exception {
    // Given
    TestManifest manifest = TestManifest.read(folder.resolve("in.yaml"));
    // When
    PlanResult result = new MachinePlanner().plan(manifest.request());
    // Then
    String actual =
        switch (result) {
          case PlanResult.Planned planned -> DomainXml.render(planned.plan());
          case PlanResult.Refused refused -> refused.text() + "\n";
        };
    Path expected = folder.resolve(result instanceof PlanResult.Planned ? "out.xml" : "out.txt");
    if (WRITE) {
      Files.writeString(expected, actual);
    }
    assertThat(expected).content().isEqualTo(actual);
  }

  /** So that its XML, which this machine may not be able to run, cannot drift from what is said. */
  @Test
  void the_classic_case_is_the_example_that_users_apply() throws Exception {
    List<String> documents =
        Arrays.asList(Files.readString(Path.of("../../examples/classic.yaml")).split("(?m)^---$"));

    var example = TestManifest.parse(documents.getLast()).root();

    assertThat(example.get("kind").asText()).isEqualTo("VirtualMachine");
    assertThat(TestManifest.read(Path.of("src/test/golden/classic/in.yaml")).root())
        .isEqualTo(example);
  }

  @Test
  void everyGoldenDomainSatisfiesTheSchemaOfLibvirt() throws Exception {
    List<Path> files = new ArrayList<>();
    for (Path folder : TestManifest.cases()) {
      Path file = folder.resolve("out.xml");
      if (Files.exists(file)) {
        files.add(file);
      }
    }
    assertThat(files).isNotEmpty();
    assertThat(Schema.DOMAIN.complaints(files)).isEmpty();
  }
}
