package dev.lodge.manifest;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lodge.api.ResourceKind;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class CrdCatalogTest {

  @ParameterizedTest
  @EnumSource(ResourceKind.class)
  void json_made_by_the_build_says_what_the_yaml_says(ResourceKind kind) {
    Crd fromYaml = Crd.of(kind, CrdJson.parse(CrdCatalog.text(kind)));

    assertThat(CrdCatalog.of(kind)).isEqualTo(fromYaml);
    assertThat(fromYaml.schema().at("/properties/spec/type").asText()).isEqualTo("object");
  }

  @Test
  void columns_of_machines_read_their_cells() throws Exception {
    JsonNode vm =
        LodgeJson.mapper()
            .readTree(
                """
                {"status": {"phase": "Running", "interfaces": [{"ips": ["10.0.0.7"]}],
                  "conditions": [{"type": "Accelerated", "reason": "No"}, {"type": "Ready", "reason": "Up"}]}}
                """);

    assertThat(CrdCatalog.columns(ResourceKind.VirtualMachine))
        .extracting(c -> c.name() + "=" + c.path().first(vm).map(JsonNode::asText).orElse("-"))
        .contains("Phase=Running", "IP=10.0.0.7", "Reason=Up", "Node=-");
    assertThat(CrdCatalog.of(ResourceKind.VirtualMachine).shortNames()).containsExactly("vm");
    assertThat(CrdCatalog.of(ResourceKind.VirtualMachine).selectableFields())
        .containsExactlyInAnyOrder(".status.nodeName", ".status.migration.targetNode");
  }
}
