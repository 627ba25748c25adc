package dev.lodge.manifest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lodge.api.ResourceKind;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineSpec;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

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

  @Test
  void huge_file_is_refused_before_it_is_parsed() {
    byte[] huge = new byte[10 << 20];
    Arrays.fill(huge, (byte) '[');

    assertThat(reader.read(huge, "huge.yaml").report())
        .isEqualTo("huge.yaml:1:1: has 10240 KiB; a file of manifests may have 3072 KiB: split it");
  }

  /** Depth and size must cost neither the stack nor minutes. */
  @ParameterizedTest
  @ValueSource(
      strings = {"[", "{a: ", "- ", "{\"a\":", "a:\n ", "? ", "- - ", "&a [*a,", "[\"x\","})
  void large_file_of_one_sign_is_answered_quickly(String sign) {
    String text = sign.repeat((3 << 20) / sign.length());

    ReadResult result =
        Assertions.assertTimeoutPreemptively(
            Duration.ofSeconds(20), () -> reader.read(text, "deep.yaml"));

    assertThat(result.ok()).isFalse();
    assertThat(result.problems()).hasSizeLessThan(200);
  }

  @Test
  void many_objects_in_one_file_are_read_and_a_broken_one_does_not_hide_the_others() {
    String file =
        SMALL
            + "---\n"
            + SMALL.replace("web", "db").replace("64Mi", "0")
            + "---\n\n---\n# nothing\n---\n"
            + SMALL.replace("web", "mail");

    ReadResult result = reader.read(file, "all.yaml");

    assertThat(result.manifests()).extracting(Manifest::name).containsExactly("web", "mail");
    assertThat(result.report())
        .isEqualTo(
            "all.yaml:13:12: VirtualMachine default/db: spec.memory.size: must be between 1Mi and 16Ti");
  }

  @Test
  void object_that_stands_twice_in_a_file_is_refused() {
    ReadResult result = reader.read(SMALL + "---\n" + SMALL, "all.yaml");

    assertThat(result.report())
        .isEqualTo(
            "all.yaml:10:12: VirtualMachine default/web: metadata.name: the same object stands on line 1 already; remove one");
  }

  @Test
  void half_of_a_file_is_an_error_and_not_a_smaller_machine() {
    String half = SMALL.substring(0, SMALL.indexOf("  memory"));

    assertThat(reader.read(half, "web.yaml").report())
        .isEqualTo(
            "web.yaml:4:1: VirtualMachine default/web: spec.memory: is missing; give it (Memory of the guest)");
  }

  @Test
  void merge_key_adds_what_is_not_given() {
    ReadResult result =
        reader.read(
            SMALL
                + """
                  disks:
                  - &base {name: a, size: 1Gi, cache: None, source: {blank: {}}}
                  - {<<: *base, name: b}
                """,
            "web.yaml");

    assertThat(result.report()).isEmpty();
    assertThat(result.manifests().getFirst().tree().at("/spec/disks/1").toString())
        .isEqualTo(
            "{\"name\":\"b\",\"size\":\"1Gi\",\"cache\":\"None\",\"source\":{\"blank\":{}}}");
  }

  @Test
  void namespace_of_the_caller_is_used_where_none_is_given() {
    assertThat(new ManifestReader("lab").read(SMALL, "-").manifests().getFirst().namespace())
        .isEqualTo("lab");
  }
}
