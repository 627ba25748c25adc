package dev.lodge.manifest;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The examples are what people begin with: they must pass every rule. */
class ExamplesTest {

  static Stream<Path> examples() throws IOException {
    try (Stream<Path> files = Files.list(Path.of("../../examples"))) {
      return files.filter(f -> f.toString().endsWith(".yaml")).sorted().toList().stream();
    }
  }

  @ParameterizedTest
  @MethodSource("examples")
  void example_passes_every_rule(Path example) throws IOException {
    ReadResult result =
        new ManifestReader().read(Files.readAllBytes(example), example.getFileName().toString());

    assertThat(result.report()).isEmpty();
    assertThat(result.manifests()).isNotEmpty();
    List<ObjectNode> all = result.manifests().stream().map(Manifest::tree).toList();
    var beside = new CrossCheck("default");
    for (ObjectNode object : all) {
      assertThat(beside.check(object, all)).isEmpty();
    }
  }
}
