package dev.lodge.agent.libvirt;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lodge.agent.libvirt.HostFileChange.Found;
import dev.lodge.domain.machine.NetworkPlan.Host;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class HostFileChangeTest {
  private static final Host A = new Host("52:54:00:00:00:0A", "10.0.0.10", "a");
  private static final Host B = new Host("52:54:00:00:00:0b", "10.0.0.11", "b");
  private static final String FILE_A = "52-54-00-00-00-0a";
  private static final String LINE_A = "52:54:00:00:00:0a,10.0.0.10,a";
  private static final String LINE_B = "52:54:00:00:00:0b,10.0.0.11,b";
  private static final String FILE_B = "52-54-00-00-00-0b";

  @Test
  void a_lease_is_a_line_of_dnsmasq_in_a_file_of_its_own() {
    assertThat(HostFileChange.lines(List.of(A, B)))
        .containsExactly(Map.entry(FILE_A, LINE_A), Map.entry(FILE_B, LINE_B));
  }

  @Test
  void a_new_lease_needs_nothing_but_its_file() {
    assertThat(between(Map.of(FILE_A, LINE_A), Map.of(), A, B))
        .isEqualTo(new HostFileChange(List.of(), Map.of(FILE_B, LINE_B), false));
  }

  @Test
  void one_that_is_gone_harms_nobody() {
    assertThat(between(Map.of(FILE_A, LINE_A, FILE_B, LINE_B), Map.of(), B))
        .isEqualTo(new HostFileChange(List.of(FILE_A), Map.of(), false));
  }

  @Test
  void the_same_lease_again_is_what_dnsmasq_knows_anyway() {
    assertThat(between(Map.of(), Map.of(FILE_A, LINE_A), A))
        .isEqualTo(new HostFileChange(List.of(), Map.of(FILE_A, LINE_A), false));
  }

  @Test
  void whoever_gets_what_a_gone_one_had_makes_dnsmasq_read_all_again() {
    for (Host heir :
        List.of(
            new Host(B.mac(), A.ip(), B.name()),
            new Host(A.mac(), B.ip(), B.name()),
            new Host(B.mac(), B.ip(), A.name()))) {
      assertThat(between(Map.of(), Map.of(FILE_A, LINE_A), heir).reload()).as("%s", heir).isTrue();
    }
  }

  @Test
  void a_changed_lease_is_retired_and_written_and_read_again() {
    Host moved = new Host(A.mac(), "10.0.0.12", A.name());

    assertThat(between(Map.of(FILE_A, LINE_A), Map.of(), moved))
        .isEqualTo(
            new HostFileChange(
                List.of(FILE_A), Map.of(FILE_A, "52:54:00:00:00:0a,10.0.0.12,a"), true));
  }

  @Test
  void a_crash_before_dnsmasq_was_told_is_made_good_although_all_files_are_right() {
    assertThat(between(Map.of(FILE_B, LINE_B), Map.of(FILE_A, "52:54:00:00:00:0a,10.0.0.11,a"), B))
        .isEqualTo(new HostFileChange(List.of(), Map.of(), true));
  }

  @Test
  void half_a_line_is_written_again_and_read_again() {
    assertThat(between(Map.of(FILE_A, "52:54:00"), Map.of(), A))
        .isEqualTo(new HostFileChange(List.of(FILE_A), Map.of(FILE_A, LINE_A), true));
  }

  @Test
  void a_directory_that_dnsmasq_does_not_watch_is_read_again_for_each_new_lease() {
    assertThat(
            HostFileChange.between(
                    new Found(Map.of(), Map.of(), false), HostFileChange.lines(List.of(A)))
                .reload())
        .isTrue();
    assertThat(
            HostFileChange.between(
                    new Found(Map.of(FILE_A, LINE_A), Map.of(), false),
                    HostFileChange.lines(List.of(A)))
                .reload())
        .isFalse();
  }

  private static HostFileChange between(
      Map<String, String> present, Map<String, String> retired, Host... wanted) {
    return HostFileChange.between(
        new Found(present, retired, true), HostFileChange.lines(List.of(wanted)));
  }
}
