package dev.lodge.manifest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lodge.domain.validation.FieldProblem;
import java.util.List;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;

/** Whatever a file holds, the reader answers with objects or problems, and never throws. */
class ReaderPropertiesTest {
  private static final List<String> FIELDS =
      List.of(
          "powerState",
          "machine",
          "firmware",
          "disks",
          "interfaces",
          "consoles",
          "graphics",
          "devices",
          "cloudInit",
          "stop",
          "cpu2",
          "hypervisor",
          "restartPolicy");
  private static final List<CaseFile> CASES =
      Stream.of("valid", "invalid", "update", "beside")
          .flatMap(CaseFile::in)
          .filter(c -> c.text().length() < 4000)
          .toList();

  private final ManifestReader reader = new ManifestReader();

  @Property(tries = 500, shrinking = ShrinkingMode.OFF)
  void any_bytes_give_an_answer(@ForAll long seed) {
    assertAnswers(reader.read(new Noise(seed).bytes(), "f"));
  }

  @Property(tries = 2000, shrinking = ShrinkingMode.OFF)
  void any_signs_of_yaml_give_an_answer(@ForAll long seed) {
    assertAnswers(reader.read(new Noise(seed).signs(), "f"));
  }

  /** Real manifests with a piece replaced: these come past the parser and into the rules. */
  @Property(tries = 4000, shrinking = ShrinkingMode.OFF)
  void any_damaged_manifest_gives_an_answer(@ForAll long seed) {
    var noise = new Noise(seed);
    assertAnswers(reader.read(noise.damaged(noise.any(CASES).text()), "f"));
  }

  /** Any value in the place of any other. */
  @Property(tries = 4000, shrinking = ShrinkingMode.OFF)
  void any_value_in_a_spec_gives_an_answer(@ForAll long seed) {
    var noise = new Noise(seed);
    assertAnswers(
        reader.read(
            """
            apiVersion: lodge.dev/v1alpha1
            kind: VirtualMachine
            metadata: {name: t}
            spec: {cpu: {count: 1}, memory: {size: 1Gi}, %s: %s}
            """
                .formatted(noise.any(FIELDS), noise.value(4)),
            "f"));
  }

  private static void assertAnswers(ReadResult result) {
    for (ManifestProblem p : result.problems()) {
      assertThat(p.line()).isPositive();
      assertThat(p.column()).isPositive();
      assertThat(p.message()).isNotBlank();
      assertThat(p.toString().codePoints())
          .as("nothing that a terminal would act on in " + p)
          .noneMatch(Character::isISOControl);
    }
    for (Manifest m : result.manifests()) {
      assertThat(ObjectCheck.check(m.kind(), m.tree())).noneMatch(FieldProblem::isError);
    }
  }
}
