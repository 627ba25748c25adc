package dev.lodge.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.api.model.apiextensions.v1.JSONSchemaProps;
import io.fabric8.kubernetes.api.model.apiextensions.v1.ValidationRule;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The CRDs under {@code crds/} are what the types generate. {@code make crds} writes them anew
 * (this test with {@code -Dlodge.crds.write=true}).
 */
class CrdsTest {
  /** For everybody, and for the chart, which cannot reach out of its directory. */
  private static final List<Path> COMMITTED =
      List.of(Path.of("../../crds"), Path.of("../../helm/lodge/files/crds"));

  @TempDir Path scratch;

  @ParameterizedTest
  @EnumSource(ResourceKind.class)
  void committed_crd_is_what_the_types_generate(ResourceKind kind) throws IOException {
    String generated = CrdWriter.of(kind).yaml(scratch);
    for (Path directory : COMMITTED) {
      Path committed = directory.resolve(kind.crdName() + ".yaml");
      if (Boolean.getBoolean("lodge.crds.write")) {
        Files.createDirectories(directory);
        Files.writeString(committed, generated);
      }
      assertThat(committed).as("run `make crds` and commit the result").hasContent(generated);
    }
  }

  @ParameterizedTest
  @EnumSource(ResourceKind.class)
  void every_field_says_what_it_is(ResourceKind kind) throws IOException {
    List<String> mute = new ArrayList<>();
    walk(
        kind,
        (path, schema) -> {
          if (!path.endsWith("[]")
              && (schema.getDescription() == null || schema.getDescription().isBlank())) {
            mute.add(path);
          }
        });
    assertThat(mute).as("fields without a description").isEmpty();
  }

  /** An API server refuses CEL over what is unbounded, and nothing else bounds an object. */
  @ParameterizedTest
  @EnumSource(ResourceKind.class)
  void every_text_and_list_is_bounded(ResourceKind kind) throws IOException {
    List<String> unbounded = new ArrayList<>();
    walk(
        kind,
        (path, schema) -> {
          boolean text =
              "string".equals(schema.getType())
                  && (schema.getEnum() == null || schema.getEnum().isEmpty());
          boolean intOrString = Boolean.TRUE.equals(schema.getXKubernetesIntOrString());
          if ((text || intOrString) && schema.getMaxLength() == null) {
            unbounded.add(path);
          }
          if ("array".equals(schema.getType())
              && (schema.getMaxItems() == null || schema.getXKubernetesListType() == null)) {
            unbounded.add(path);
          }
          if (schema.getAdditionalProperties() != null
              && (schema.getMaxProperties() == null
                  || schema.getAdditionalProperties().getSchema().getMaxLength() == null)) {
            unbounded.add(path);
          }
        });
    assertThat(unbounded).as("without maxLength, maxItems or a list type").isEmpty();
  }

  @ParameterizedTest
  @EnumSource(ResourceKind.class)
  void every_number_of_a_spec_is_bounded(ResourceKind kind) throws IOException {
    List<String> unbounded = new ArrayList<>();
    walk(
        kind,
        (path, schema) -> {
          if (path.startsWith(".spec")
              && "integer".equals(schema.getType())
              && (schema.getMinimum() == null || schema.getMaximum() == null)) {
            unbounded.add(path);
          }
        });
    assertThat(unbounded).isEmpty();
  }

  /** A rule without a message shows people CEL. */
  @ParameterizedTest
  @EnumSource(ResourceKind.class)
  void every_rule_names_a_field_and_says_what_to_do(ResourceKind kind) throws IOException {
    List<String> rules = new ArrayList<>();
    walk(
        kind,
        (path, schema) -> {
          for (ValidationRule rule : schema.getXKubernetesValidations()) {
            rules.add(rule.getMessage());
          }
        });
    assertThat(rules).isNotEmpty();
    assertThat(rules).allSatisfy(m -> assertThat(m).isNotNull().matches("^[A-Za-z.\\[\\]]+: .+"));
  }

  private void walk(ResourceKind kind, BiConsumer<String, JSONSchemaProps> visitor)
      throws IOException {
    CustomResourceDefinition crd = CrdWriter.of(kind).generate(scratch);
    JSONSchemaProps root = crd.getSpec().getVersions().getFirst().getSchema().getOpenAPIV3Schema();
    assertThat(root.getRequired()).contains("spec");
    walk("", root, visitor);
  }

  private static void walk(
      String path, JSONSchemaProps schema, BiConsumer<String, JSONSchemaProps> visitor) {
    visitor.accept(path, schema);
    if (schema.getProperties() != null) {
      schema.getProperties().forEach((name, s) -> walk(path + "." + name, s, visitor));
    }
    if (schema.getItems() != null) {
      walk(path + "[]", schema.getItems().getSchema(), visitor);
    }
  }
}
