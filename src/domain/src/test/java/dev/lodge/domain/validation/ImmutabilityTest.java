package dev.lodge.domain.validation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lodge.api.change.Change;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ImmutabilityTest {
  public record Part(
      String name,
      @Change(value = Change.Cost.IMMUTABLE, absent = "Red") @Nullable Colour colour,
      @Nullable Integer size) {}

  public record Whole(
      @Change(Change.Cost.IMMUTABLE) @Nullable String id,
      @Nullable List<Part> parts,
      @Nullable Part one) {}

  public enum Colour {
    Red,
    Blue
  }

  private static List<String> changes(Whole before, Whole after) {
    var out = new Findings();
    new Immutability(out, "mend").compare("spec", before, after);
    return out.all().stream().map(FieldProblem::toString).toList();
  }

  @Test
  void change_of_an_immutable_field_is_found_wherever_it_is() {
    Whole before =
        new Whole("a", List.of(new Part("p", null, 1), new Part("q", Colour.Blue, 1)), null);
    Whole after =
        new Whole(
            null,
            List.of(new Part("q", null, 2), new Part("p", Colour.Red, 2)),
            new Part("x", Colour.Blue, 1));

    assertThat(changes(before, after))
        .containsExactly(
            "spec.id: cannot change; mend",
            "spec.parts[0].colour: cannot change; mend",
            "spec.one.colour: cannot change; mend");
  }

  @Test
  void what_comes_or_goes_as_a_whole_entry_is_no_change_of_a_field() {
    Whole before = new Whole("a", List.of(new Part("p", Colour.Blue, 1)), null);
    Whole after = new Whole("a", List.of(new Part("q", Colour.Red, 1)), null);

    assertThat(changes(before, after)).isEmpty();
    assertThat(changes(before, new Whole("a", null, null))).isEmpty();
  }
}
