package dev.lodge.manifest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lodge.api.ResourceKind;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The table of cases against a real API server with our CRDs: it must accept and refuse what the
 * Java rules accept and refuse, with the same words where the rule is in CEL.
 */
class CasesIT {
  private static final String DRY = "?dryRun=All&fieldValidation=Strict";
  private static @Nullable CrdServer server;

  @BeforeAll
  static void start(@TempDir Path dir) throws Exception {
    String script = System.getenv("LODGE_TEST_CRDSERVER");
    assumeTrue(script != null, "LODGE_TEST_CRDSERVER is not set");
    server = new CrdServer(script, dir.resolve("server"));
    for (ResourceKind kind : ResourceKind.values()) {
      server.install(kind);
    }
  }

  @AfterAll
  static void stop() throws Exception {
    if (server != null) {
      server.close();
    }
  }

  static Stream<CaseFile> valid() {
    return CaseFile.in("valid");
  }

  /** Syntax and kinds are no matter of the schema. */
  static Stream<CaseFile> invalid() {
    return CaseFile.in("invalid").filter(c -> !List.of("yaml", "object").contains(c.layer()));
  }

  static Stream<CaseFile> updates() {
    return CaseFile.in("update");
  }

  static Stream<CaseFile> beside() {
    return CaseFile.in("beside");
  }

  @ParameterizedTest
  @MethodSource("valid")
  void valid_manifest_is_accepted(CaseFile c) throws Exception {
    CrdServer.Answer answer = create(c.text(), DRY);

    assertThat(answer.accepted()).as(answer.message()).isTrue();
    assertSameSpec(c.text(), answer);
  }

  @ParameterizedTest
  @MethodSource("invalid")
  void invalid_manifest_is_refused_unless_only_java_can(CaseFile c) throws Exception {
    CrdServer.Answer answer = create(c.text(), DRY);

    boolean onlyJava = List.of("semantic", "warning").contains(c.layer());
    assertThat(answer.accepted()).as(answer.message()).isEqualTo(onlyJava);
    if (c.layer().equals("cel")) {
      assertThat(answer.message()).contains(c.expected());
    }
  }

  @ParameterizedTest
  @MethodSource("beside")
  void each_object_by_itself_is_accepted(CaseFile c) throws Exception {
    for (String document : c.documents()) {
      CrdServer.Answer answer = create(document, DRY);
      assertThat(answer.accepted()).as(answer.message()).isTrue();
    }
  }

  @ParameterizedTest
  @MethodSource("dev.lodge.manifest.ExamplesTest#examples")
  void examples_are_accepted(Path example) throws Exception {
    for (Manifest m : new ManifestReader().read(Files.readString(example), "").manifests()) {
      CrdServer.Answer answer = create(m.tree().toString(), DRY);
      assertThat(answer.accepted()).as(answer.message()).isTrue();
    }
  }

  @ParameterizedTest
  @MethodSource("updates")
  void update_is_judged_as_in_java(CaseFile c) throws Exception {
    String before = c.documents().get(0);
    CrdServer.Answer created = create(before, "?fieldValidation=Strict");
    assertThat(created.accepted()).as(created.message()).isTrue();
    JsonNode object = LodgeJson.mapper().readTree(created.body());
    String path = path(object) + "/" + object.at("/metadata/name").asText();
    try {
      ObjectNode after = (ObjectNode) CrdJson.parse(c.documents().get(1));
      ((ObjectNode) after.path("metadata"))
          .set("resourceVersion", object.at("/metadata/resourceVersion"));

      CrdServer.Answer answer =
          server().send("PUT", path + "?fieldValidation=Strict", after.toString());

      assertThat(answer.accepted()).as(answer.message()).isEqualTo(c.layer().equals("accepted"));
      if (!answer.accepted()) {
        String message = answer.message();
        assertThat(c.expected())
            .allSatisfy(e -> assertThat(message).contains(e.replace("spec.", "")));
      }
    } finally {
      assertThat(server().send("DELETE", path, "").accepted()).isTrue();
    }
  }

  /** What an unquoted word means: text, or something else, and which number. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "yes",
        "Yes",
        "yEs",
        "on",
        "ON",
        "oN",
        "y",
        "n",
        "N",
        "true",
        "True",
        "tRUE",
        "off",
        "nO",
        "~",
        "null",
        "Null",
        "nULL",
        "0",
        "00",
        "07",
        "08",
        "010",
        "0o10",
        "0O10",
        "0b11",
        "0b12",
        "0x1F",
        "0X1f",
        "0xg",
        "1_000",
        "_1",
        "1_",
        "1__0",
        "+1",
        "-1",
        "+0x1",
        "-0b11",
        "1.",
        ".1",
        "1.5",
        "1.0",
        "1e3",
        "1E3",
        "1.e+3",
        ".5e1",
        ".inf",
        ".Inf",
        "-.inf",
        ".nan",
        "52:54:00",
        "1:30",
        "12:30:45",
        "2001-01-01",
        "2001-01-01T00:00:00Z",
        "=",
        "<<",
        "1..2",
        "1.2.3",
        "0x",
        "--1",
        "+",
        ".",
        "0.0.0.0",
        "1e",
        "e1",
        "1e400",
        "9223372036854775807",
        "9223372036854775808",
        "18446744073709551615",
        "18446744073709551616",
        "-9223372036854775808",
        "1_0.5",
        "0_8",
        "08.5"
      })
  void word_of_yaml_means_the_same(String word) throws Exception {
    for (boolean asText : new boolean[] {true, false}) {
      String yaml =
          """
          apiVersion: lodge.dev/v1alpha1
          kind: VirtualMachine
          metadata: {name: t, annotations: {a: %s}}
          spec: {cpu: {count: 1}, memory: {size: 1Gi}, stop: {gracePeriodSeconds: %s}}
          """
              .formatted(asText ? word : "x", asText ? "1" : word);

      CrdServer.Answer answer =
          server().send("POST", CrdServer.path(ResourceKind.VirtualMachine, "default") + DRY, yaml);

      ReadResult ours = new ManifestReader().read(yaml, "");
      assertThat(ours.ok())
          .as(answer.message() + "\n" + ours.report())
          .isEqualTo(answer.accepted());
      if (ours.ok()) {
        JsonNode theirs = LodgeJson.mapper().readTree(answer.body());
        JsonNode tree = ours.manifests().getFirst().tree();
        assertThat(theirs.path("spec")).isEqualTo(tree.path("spec"));
        assertThat(theirs.at("/metadata/annotations")).isEqualTo(tree.at("/metadata/annotations"));
      }
    }
  }

  private static CrdServer server() {
    if (server == null) {
      throw new IllegalStateException("no server");
    }
    return server;
  }

  private static CrdServer.Answer create(String yaml, String query) throws Exception {
    return server().send("POST", path(CrdJson.parse(yaml)) + query, yaml);
  }

  private static String path(JsonNode object) {
    ResourceKind kind = ResourceKind.valueOf(object.path("kind").asText());
    return CrdServer.path(kind, object.at("/metadata/namespace").asText("default"));
  }

  /** What the server understood of the YAML is what the reader understood. */
  private static void assertSameSpec(String yaml, CrdServer.Answer answer) throws Exception {
    JsonNode ours = new ManifestReader().read(yaml, "").manifests().getFirst().tree();
    JsonNode theirs = LodgeJson.mapper().readTree(answer.body());
    assertThat(theirs.path("spec")).isEqualTo(ours.path("spec"));
    assertThat(theirs.at("/metadata/labels")).isEqualTo(ours.at("/metadata/labels"));
    assertThat(theirs.at("/metadata/name")).isEqualTo(ours.at("/metadata/name"));
  }
}
