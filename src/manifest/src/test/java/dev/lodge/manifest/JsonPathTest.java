package dev.lodge.manifest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class JsonPathTest {
  private static final JsonNode OBJECT =
      CrdJson.parse(
          """
          metadata: {name: web, labels: {app.kubernetes.io/name: x}}
          spec: {cpu: {count: 2}, none: null}
          status:
            conditions:
            - {type: Ready, status: "True"}
            - {type: Restart, status: "False"}
            interfaces: [{ips: [10.0.0.1, 10.0.0.2]}, {ips: []}]
          """);

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        ".metadata.name | [\"web\"]",
        "{.metadata.name} | [\"web\"]",
        "$.spec.cpu.count | [2]",
        ".metadata.labels['app.kubernetes.io/name'] | [\"x\"]",
        ".status.conditions[?(@.type==\"Ready\")].status | [\"True\"]",
        ".status.conditions[?(@.type=='Nope')].status | []",
        ".status.conditions[?(@.type!='Ready')].type | [\"Restart\"]",
        ".status.conditions[*].type | [\"Ready\", \"Restart\"]",
        ".status.interfaces[0].ips[0] | [\"10.0.0.1\"]",
        ".status.interfaces[-2].ips[-1] | [\"10.0.0.2\"]",
        ".status.interfaces[7].ips[0] | []",
        ".status.interfaces[1].ips[0] | []",
        ".nowhere.at.all | []",
        ".spec.none | [null]",
      })
  void path_finds_what_kubectl_finds(String path, String expected) {
    assertThat(JsonPath.compile(path).find(OBJECT).toString()).isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(strings = {"..name", ".a[", ".a[0:2]", "name", ".a[?(@.b>1)]"})
  void what_is_not_understood_is_refused(String path) {
    assertThatThrownBy(() -> JsonPath.compile(path))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(path);
  }

  @ParameterizedTest
  @ValueSource(strings = {".spec.none", ".nowhere"})
  void null_counts_as_nothing(String path) {
    assertThat(JsonPath.compile(path).first(OBJECT)).isEmpty();
  }
}
