package dev.lodge.manifest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lodge.api.ResourceKind;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineSpec;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class ManifestReaderTest {
  private static final String SMALL =
      """
      apiVersion: lodge.dev/v1alpha1
      kind: VirtualMachine
      metadata: {name: web}
      spec:
        cpu: {count: 1}
        memory: {size: 64Mi}
      """;

  private final ManifestReader reader = new ManifestReader();

  @Test
  void small_machine_is_read_into_the_default_namespace() {
    ReadResult result = reader.read(SMALL, "web.yaml");

    assertThat(result.problems()).isEmpty();
    Manifest manifest = result.manifests().getFirst();
    assertThat(manifest.kind()).isEqualTo(ResourceKind.VirtualMachine);
    assertThat(manifest.namespace()).isEqualTo("default");
    assertThat(manifest.name()).isEqualTo("web");
    assertThat(manifest.tree().at("/metadata/namespace").asText()).isEqualTo("default");
    VirtualMachineSpec spec = manifest.spec(VirtualMachineSpec.class);
    assertThat(spec.memory().size().bytes()).isEqualTo(64L << 20);
    assertThat(manifest.positions().find("spec.cpu.count")).isEqualTo(new Position(5, 9));
  }

  @Test
  void misspelt_field_is_refused_with_its_place_and_the_nearest_name() {
    ReadResult result = reader.read(SMALL.replace("count", "cout"), "web.yaml");

    assertThat(result.manifests()).isEmpty();
    assertThat(result.report())
        .isEqualTo(
            """
            web.yaml:5:3: VirtualMachine default/web: spec.cpu.count: is missing; give it (Number of virtual CPUs)
            web.yaml:5:9: VirtualMachine default/web: spec.cpu.cout: no such field; did you mean count?""");
  }

  @Test
  void what_kubectl_get_prints_can_be_applied_again() {
    ReadResult result =
        reader.read(
            """
            apiVersion: v1
            kind: List
            metadata: {resourceVersion: ""}
            items:
            - apiVersion: lodge.dev/v1alpha1
              kind: VirtualMachine
              metadata: {name: web, namespace: lab, uid: 0d, resourceVersion: "7", generation: 2, creationTimestamp: "2026-01-01T00:00:00Z"}
              spec: {cpu: {count: 1}, memory: {size: 64Mi}}
              status: {phase: Running}
            """,
            "-");

    assertThat(result.report()).isEmpty();
    assertThat(result.manifests().getFirst().tree().toString())
        .isEqualTo(
            "{\"apiVersion\":\"lodge.dev/v1alpha1\",\"kind\":\"VirtualMachine\",\"metadata\":{\"name\":\"web\",\"namespace\":\"lab\"},"
                + "\"spec\":{\"cpu\":{\"count\":1},\"memory\":{\"size\":\"64Mi\"}}}");
  }

  @Test
  void json_with_tabs_is_read() {
    ReadResult result =
        reader.read(
            "{\t\"apiVersion\": \"lodge.dev/v1alpha1\",\n\t\"kind\": \"HostResource\",\n\t\"metadata\": {\"name\": \"d\"},\n"
                + "\t\"spec\": {\"type\": \"Directry\", \"path\": \"/srv\"}}",
            "d.json");

    assertThat(result.report())
        .isEqualTo(
            "d.json:4:11: HostResource d: spec.type: 'Directry' is not known; did you mean Directory? (known: BlockDevice, Directory, File)");
  }

  @Test
  void file_in_another_encoding_is_refused_with_the_place() {
    byte[] latin1 = (SMALL + "# M\u00fcnchen\n").getBytes(StandardCharsets.ISO_8859_1);

    assertThat(reader.read(latin1, "web.yaml").report())
        .isEqualTo("web.yaml:7:4: is not UTF-8 here; save the file as UTF-8");
  }
}
