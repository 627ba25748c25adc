package dev.lodge.domain.ownership;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lodge.domain.ownership.HostRegistration.Known;
import org.junit.jupiter.api.Test;

class HostRegistrationTest {
  @Test
  void a_new_node_is_created_then_counted() {
    assertThat(HostRegistration.decide(null, "m", "b1", false))
        .isEqualTo(new HostRegistration.Create());
    assertThat(HostRegistration.decide(new Known(null, null, 0, 0), "m", "b1", false))
        .isEqualTo(new HostRegistration.Write(1, false));
  }

  @Test
  void each_boot_is_counted_once_and_notes_the_taint() {
    var known = new Known("m", "b1", 3, 2);
    assertThat(HostRegistration.decide(known, "m", "b1", true))
        .isEqualTo(new HostRegistration.Registered(3, 2));
    assertThat(HostRegistration.decide(known, "m", "b2", true))
        .isEqualTo(new HostRegistration.Write(4, true));
  }

  @Test
  void a_second_machine_of_the_name_is_refused() {
    assertThat(HostRegistration.decide(new Known("m", "b1", 3, 2), "other", "b2", false))
        .isInstanceOfSatisfying(
            HostRegistration.Refused.class, r -> assertThat(r.why()).contains("another name"));
  }
}
