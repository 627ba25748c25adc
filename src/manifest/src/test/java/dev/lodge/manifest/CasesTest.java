package dev.lodge.manifest;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lodge.api.ResourceKind;
import dev.lodge.domain.validation.FieldProblem;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The table of cases against the Java rules; {@code CasesIT} is the same against an API server. */
class CasesTest {
  private final ManifestReader reader = new ManifestReader();

  static Stream<CaseFile> valid() {
    return CaseFile.in("valid");
  }

  static Stream<CaseFile> invalid() {
    return CaseFile.in("invalid");
  }

  static Stream<CaseFile> updates() {
    return CaseFile.in("update");
  }

  static Stream<CaseFile> beside() {
    return CaseFile.in("beside");
  }

  @ParameterizedTest
  @MethodSource("valid")
  void valid_manifest_is_read_without_a_word(CaseFile c) {
    ReadResult result = reader.read(c.text(), c.name());

    assertThat(result.report()).isEmpty();
    assertThat(result.manifests()).hasSize(1);
  }

  @ParameterizedTest
  @MethodSource("invalid")
  void invalid_manifest_is_refused_with_the_mend(CaseFile c) {
    ReadResult result = reader.read(c.text(), c.name());

    assertThat(result.ok()).isEqualTo(c.layer().equals("warning"));
    assertThat(c.expected()).isNotEmpty();
    assertThat(result.report()).contains(c.expected());
    assertThat(result.problems())
        .allSatisfy(
            p -> {
              assertThat(p.message()).hasSizeLessThan(700).doesNotContain("\n");
              assertThat(p.line()).isBetween(1, (int) c.text().lines().count() + 1);
            });
  }

  @ParameterizedTest
  @MethodSource("updates")
  void update_is_judged_by_what_may_change(CaseFile c) {
    List<Manifest> documents = documents(c);
    Manifest after = documents.get(1);

    List<FieldProblem> found =
        ObjectCheck.checkUpdate(after.kind(), documents.get(0).tree(), after.tree());

    judge(c, found);
  }

  @ParameterizedTest
  @MethodSource("beside")
  void object_is_judged_beside_the_others(CaseFile c) {
    List<Manifest> documents = documents(c);
    List<ObjectNode> others = new ArrayList<>();
    documents.subList(0, documents.size() - 1).forEach(m -> others.add(m.tree()));

    List<FieldProblem> found = new CrossCheck("default").check(documents.getLast().tree(), others);

    judge(c, found);
  }

  /** StatusRulesIT breaks those of the status. */
  @ParameterizedTest
  @MethodSource("dev.lodge.api.ResourceKind#wishes")
  void every_rule_of_a_crd_is_broken_by_some_case(ResourceKind kind) {
    List<String> expected =
        Stream.concat(invalid(), updates())
            .filter(c -> c.layer().equals("cel") && c.text().contains("kind: " + kind + "\n"))
            .flatMap(c -> c.expected().stream())
            .map(e -> e.startsWith("spec.") ? e.substring("spec.".length()) : e)
            .toList();

    List<String> unbroken =
        CrdCatalog.openApiSchema(kind).findValues("x-kubernetes-validations").stream()
            .flatMap(rules -> rules.findValuesAsText("message").stream())
            .filter(message -> !message.startsWith("status"))
            .filter(message -> expected.stream().noneMatch(message::contains))
            .toList();

    assertThat(unbroken).isEmpty();
  }

  private static void judge(CaseFile c, List<FieldProblem> found) {
    if (c.layer().equals("accepted")) {
      assertThat(found).isEmpty();
      return;
    }
    assertThat(found.stream().anyMatch(FieldProblem::isError))
        .isEqualTo(!c.layer().equals("warning"));
    assertThat(c.expected()).isNotEmpty();
    assertThat(found.toString()).contains(c.expected());
  }

  private List<Manifest> documents(CaseFile c) {
    return c.documents().stream()
        .map(
            text -> {
              ReadResult result = reader.read(text, c.name());
              assertThat(result.report()).isEmpty();
              return result.manifests().getFirst();
            })
        .toList();
  }
}
