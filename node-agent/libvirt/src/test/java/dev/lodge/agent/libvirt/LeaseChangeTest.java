package dev.lodge.agent.libvirt;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lodge.agent.libvirt.LeaseChange.Kind;
import dev.lodge.domain.machine.NetworkPlan.Host;
import java.util.List;
import org.junit.jupiter.api.Test;

class LeaseChangeTest {
  private static final Host A = new Host("52:54:00:00:00:0a", "10.0.0.10", "a");
  private static final Host B = new Host("52:54:00:00:00:0b", "10.0.0.11", "b");

  @Test
  void whatIsThereAlreadyIsLeftAlone() {
    Host upperCase = new Host("52:54:00:00:00:0A", "10.0.0.10", "a");

    assertThat(LeaseChange.between(List.of(A, B), List.of(B, upperCase))).isEmpty();
  }

  @Test
  void whatIsInTheWayGoesBeforeTheNewComes() {
    Host swappedA = new Host(A.mac(), B.ip(), A.name());
    Host swappedB = new Host(B.mac(), A.ip(), B.name());

    assertThat(LeaseChange.between(List.of(A, B), List.of(swappedA, swappedB)))
        .containsExactly(
            new LeaseChange(Kind.DELETE, A),
            new LeaseChange(Kind.DELETE, B),
            new LeaseChange(Kind.ADD, swappedA),
            new LeaseChange(Kind.ADD, swappedB));
  }
}
