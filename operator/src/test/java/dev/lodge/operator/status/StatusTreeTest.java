package dev.lodge.operator.status;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lodge.api.common.Condition.Status;
import dev.lodge.domain.ownership.OwnershipRecord;
import dev.lodge.domain.ownership.Slot;
import dev.lodge.operator.network.Addresses.InterfaceAddress;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import org.junit.jupiter.api.Test;

class StatusTreeTest {
  private final InstantSource clock = InstantSource.fixed(Instant.parse("2026-11-24T20:00:00Z"));

  private static ObjectNode tree(String json) throws Exception {
    return (ObjectNode) new ObjectMapper().readTree(json);
  }

  @Test
  void a_new_owner_clears_the_claim_and_leaves_what_a_later_version_wrote() throws Exception {
    // Given
    ObjectNode status =
        tree(
            """
            {"nodeName":"n1","epoch":4,"claimedBy":"Start","claimBootGeneration":2,"claimNonce":"x","released":true,
             "migration":{"targetNode":"n3"},"future":{"a":1},"hardware":{"machineType":"pc"},
             "interfaces":[{"name":"lan","mac":"52:00:00:00:00:01","linkState":"Up"}],
             "slots":[{"name":"old","uid":"u0","role":"Run"},{"name":"extra","uid":"u9","role":"Attach"}]}
            """);
    var record = new OwnershipRecord("n1", 4, null, 0, null, true, null, null);

    // When
    var edit = new StatusTree(status, 3, clock);
    edit.record(record.assigned("n2", "digest"));
    edit.runSlot(new Slot("s", "u1", 5, "n2", Slot.State.BOUND, false, null, ""));
    edit.interfaces(
        List.of(new InterfaceAddress("lan", "52:00:00:00:00:01", "ns/net", "10.0.0.5")));

    // Then
    assertThat(status)
        .isEqualTo(
            tree(
                """
                {"nodeName":"n2","epoch":5,"claimedDisks":"digest","future":{"a":1},"hardware":{"machineType":"pc"},
                 "interfaces":[{"name":"lan","mac":"52:00:00:00:00:01","linkState":"Up","network":"ns/net","ips":["10.0.0.5"],"source":"Given"}],
                 "slots":[{"name":"extra","uid":"u9","role":"Attach"},{"name":"s","uid":"u1","role":"Run","nodeName":"n2"}]}
                """));
  }

  @Test
  void the_time_of_a_condition_changes_with_its_status_only() throws Exception {
    // Given
    ObjectNode status =
        tree(
            """
            {"conditions":[{"type":"Ready","status":"False","reason":"A","message":"a","lastTransitionTime":"2026-01-01T00:00:00Z"}]}
            """);
    var edit = new StatusTree(status, 3, clock);

    // When
    edit.condition("Ready", Status.False, "B", "b");

    // Then
    assertThat(status.at("/conditions/0/lastTransitionTime").asText())
        .isEqualTo("2026-01-01T00:00:00Z");
    assertThat(status.at("/conditions/0/reason").asText()).isEqualTo("B");

    // When
    edit.condition("Ready", Status.True, "C", "c");

    // Then
    assertThat(status.at("/conditions/0/lastTransitionTime").asText())
        .isEqualTo("2026-11-24T20:00:00Z");
  }

  @Test
  void what_is_said_again_changes_nothing() throws Exception {
    // Given
    ObjectNode status = tree("{}");
    new StatusTree(status, 3, clock).condition("Ready", Status.False, "A", "a");
    ObjectNode before = tree(status.toString()); // as the API server gives it back

    // When
    var later = InstantSource.fixed(Instant.parse("2026-11-25T00:00:00Z"));
    new StatusTree(status, 3, later).condition("Ready", Status.False, "A", "a");
    new StatusTree(status, 3, later).noCondition("SlotLost");

    // Then
    assertThat(status).isEqualTo(before);
  }
}
