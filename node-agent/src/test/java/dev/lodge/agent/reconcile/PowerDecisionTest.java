package dev.lodge.agent.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineSpec;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineStatus.Request;
import dev.lodge.manifest.LodgeJson;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class PowerDecisionTest {
  private static final NodeRecord.Ended SHUT_DOWN =
      new NodeRecord.Ended(NodeRecord.Ended.How.Shutdown, "2026-01-01T00:00:00Z");
  private static final NodeRecord.Ended CRASHED =
      new NodeRecord.Ended(NodeRecord.Ended.How.Crash, "2026-01-01T00:00:00Z");

  @Test
  void a_restart_stops_the_guest_that_ran_when_it_was_asked_for() {
    assertThat(decide("{}", null, 7, request("Restart", 7)))
        .isInstanceOf(PowerDecision.Cycle.class);
  }

  @Test
  void a_restart_lets_the_next_guest_run() {
    assertThat(decide("{}", null, 8, request("Restart", 7))).isEqualTo(new PowerDecision.Run());
  }

  @Test
  void a_restart_goes_on_when_its_guest_shut_down_while_no_agent_was_there() {
    assertThat(decide("{}", SHUT_DOWN, 0, request("Restart", 7)))
        .isInstanceOf(PowerDecision.Cycle.class);
  }

  @Test
  void a_restart_does_not_outweigh_powered_off_or_a_deletion() {
    var off = "{\"powerState\":\"PoweredOff\"}";
    assertThat(decide(off, null, 0, request("Restart", 7)))
        .isEqualTo(new PowerDecision.Stay(PowerDecision.Why.POWERED_OFF));
    assertThat(
            PowerDecision.decide(spec("{}"), true, false, null, List.of(request("Restart", 7)), 7))
        .isEqualTo(new PowerDecision.Stay(PowerDecision.Why.DELETING));
  }

  @Test
  void restart_policy_decides_about_a_guest_that_ended() {
    var stay = new PowerDecision.Stay(PowerDecision.Why.GUEST_ENDED);
    var run = new PowerDecision.Run();
    assertThat(decide("{}", SHUT_DOWN, 0)).isEqualTo(stay);
    assertThat(decide("{}", CRASHED, 0)).isEqualTo(run);
    assertThat(decide("{\"restartPolicy\":\"Never\"}", CRASHED, 0)).isEqualTo(stay);
    assertThat(decide("{\"restartPolicy\":\"Always\"}", SHUT_DOWN, 0)).isEqualTo(run);
    assertThat(decide("{\"restartPolicy\":\"Never\"}", CRASHED, 0, request("Start", 7)))
        .isEqualTo(run);
  }

  private static PowerDecision decide(
      String spec, NodeRecord.@Nullable Ended ended, long epoch, Request... requests) {
    return PowerDecision.decide(spec(spec), false, false, ended, List.of(requests), epoch);
  }

  private static VirtualMachineSpec spec(String json) {
    try {
      return LodgeJson.mapper().readValue(json, VirtualMachineSpec.class);
    } catch (java.io.IOException e) {
      throw new IllegalArgumentException(json, e);
    }
  }

  private static Request request(String verb, long epoch) {
    return new Request("id", verb, null, "somebody", "2026-01-01T00:00:00Z", epoch);
  }
}
