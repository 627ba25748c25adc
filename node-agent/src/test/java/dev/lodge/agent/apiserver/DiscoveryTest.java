package dev.lodge.agent.apiserver;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DiscoveryTest {
  private static final String AGGREGATED =
      "Accept: application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json";

  @TempDir Path dir;
  private ApiHarness api;

  @BeforeEach
  void start() throws IOException {
    api = new ApiHarness(dir);
  }

  @AfterEach
  void stop() {
    api.close();
  }

  @Test
  void theOldAndTheNewFormTellOfTheSameResources() throws IOException {
    List<String> old = new ArrayList<>();
    for (JsonNode group : api.get("/apis").json().path("groups")) {
      String version = group.at("/preferredVersion/groupVersion").asText();
      for (JsonNode r : api.get("/apis/" + version).json().path("resources")) {
        old.add(version + " " + r.path("name").asText() + " " + r.path("verbs"));
      }
    }
    RawHttp.Answer answer = api.get("/apis", AGGREGATED);

    List<String> aggregated = new ArrayList<>();
    for (JsonNode group : answer.json().path("items")) {
      String version =
          group.at("/metadata/name").asText() + "/" + group.at("/versions/0/version").asText();
      for (JsonNode r : group.at("/versions/0/resources")) {
        String name = r.path("resource").asText();
        if (!r.path("verbs").isEmpty()) {
          aggregated.add(version + " " + name + " " + r.path("verbs"));
        }
        for (JsonNode s : r.path("subresources")) {
          aggregated.add(
              version + " " + name + "/" + s.path("subresource").asText() + " " + s.path("verbs"));
        }
      }
    }
    assertThat(answer.headers().get("content-type")).contains("as=APIGroupDiscoveryList");
    assertThat(aggregated)
        .containsExactlyElementsOf(old)
        .contains(
            "lodge.dev/v1alpha1 virtualmachines/status [\"get\"]",
            "subresources.lodge.dev/v1alpha1 virtualmachines/start [\"create\",\"update\"]");
    assertThat(api.get("/apis/none").code()).isEqualTo(404);
    assertThat(api.get("/apis/lodge.dev/v9").code()).isEqualTo(404);
  }

  @Test
  void theSchemaIsPublishedWithItsKindAndKeepsItsHash() throws IOException {
    JsonNode index = api.get("/openapi/v3").json();
    String url =
        index.path("paths").path("apis/lodge.dev/v1alpha1").path("serverRelativeURL").asText();

    JsonNode document = api.get(url).json();

    JsonNode vm =
        document.path("components").path("schemas").path("dev.lodge.v1alpha1.VirtualMachine");
    assertThat(vm.at("/x-kubernetes-group-version-kind/0/kind").asText())
        .isEqualTo("VirtualMachine");
    assertThat(vm.at("/properties/spec/properties/cpu/properties/count/description").asText())
        .isNotEmpty();
    assertThat(
            document
                .path("paths")
                .path("/apis/lodge.dev/v1alpha1/namespaces/{namespace}/virtualmachines/{name}")
                .at("/patch/parameters")
                .findValuesAsText("name"))
        .contains("fieldValidation", "dryRun");
    assertThat(api.get("/openapi/v3").json()).isEqualTo(index);
    assertThat(api.get("/openapi/v3/apis/none/v1").code()).isEqualTo(404);
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0s",
    "119, 119s",
    "120, 2m",
    "185, 3m5s",
    "599, 9m59s",
    "600, 10m",
    "10799, 179m",
    "10800, 3h",
    "11100, 3h5m",
    "28800, 8h",
    "172799, 47h",
    "172800, 2d",
    "180000, 2d2h",
    "691200, 8d",
    "31536000, 365d",
    "63072000, 2y",
    "-5, <invalid>"
  })
  void agesAreToldAsKubectlTellsThem(long seconds, String expected) {
    assertThat(Column.human(Duration.ofSeconds(seconds))).isEqualTo(expected);
  }
}
