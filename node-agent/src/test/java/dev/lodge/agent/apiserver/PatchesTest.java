package dev.lodge.agent.apiserver;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PatchesTest {
  private final ObjectNode object =
      ApiJson.parseObject("{\"spec\":{\"a\":{\"text\":\"x\"},\"list\":[1,2]}}".getBytes(UTF_8));

  @Test
  void a_copy_is_another_tree() {
    ObjectNode patched =
        patch(
            "{\"op\":\"copy\",\"from\":\"/spec/a\",\"path\":\"/spec/b\"},"
                + "{\"op\":\"replace\",\"path\":\"/spec/b/text\",\"value\":\"y\"}");

    assertThat(patched.at("/spec/a/text").asText()).isEqualTo("x");
    assertThat(patched.at("/spec/b/text").asText()).isEqualTo("y");
    assertThat(object.at("/spec/b").isMissingNode()).isTrue();
  }

  @Test
  void copies_of_copies_do_not_fill_the_memory() {
    String doubling =
        IntStream.range(0, 40)
            .mapToObj(
                i -> "{\"op\":\"copy\",\"from\":\"/spec\",\"path\":\"/spec/c%d\"}".formatted(i))
            .collect(Collectors.joining(","));

    assertThatThrownBy(() -> patch(doubling))
        .isInstanceOf(ApiException.class)
        .hasMessageContaining("the patch copies too much");
  }

  @Test
  void an_object_does_not_become_deeper_than_one_that_could_be_sent() {
    String path = "/spec/a";
    StringBuilder deeper = new StringBuilder();
    for (int i = 0; i < 100; i++) {
      path += "/n";
      deeper.append(i == 0 ? "" : ",");
      deeper.append("{\"op\":\"add\",\"path\":\"").append(path).append("\",\"value\":{}}");
    }

    assertThatThrownBy(() -> patch(deeper.toString()))
        .isInstanceOf(ApiException.class)
        .hasMessageContaining("more than 64 levels deep");
  }

  @Test
  void half_of_a_character_is_refused() {
    assertThatThrownBy(() -> patch("{\"op\":\"add\",\"path\":\"/spec/t\",\"value\":\"\\ud800\"}"))
        .isInstanceOf(ApiException.class)
        .hasMessageContaining("surrogate");
    assertThat(
            patch("{\"op\":\"add\",\"path\":\"/spec/t\",\"value\":\"\\ud83d\\ude00\"}")
                .at("/spec/t")
                .asText())
        .isEqualTo("\ud83d\ude00");
  }

  private ObjectNode patch(String operations) {
    return Patches.apply(Patches.JSON, ("[" + operations + "]").getBytes(UTF_8), object);
  }
}
