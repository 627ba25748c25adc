package dev.lodge.operator.vmhost;

import dev.lodge.operator.client.ApiClient;
import dev.lodge.operator.client.Reply;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;

/** Whether a node's agent is alive, by the Lease that it renews; asked only when in doubt. */
public final class AgentPulse {
  /** Before the node's name in the name of its agent's Lease. */
  public static final String LEASE = "lodge-agent-";

  private final ApiClient api;
  private final String namespace;
  private final Duration silence;
  private final InstantSource clock;

  /**
   * @param namespace of the Leases
   * @param silence after this time without a sign the agent counts as silent
   */
  public AgentPulse(ApiClient api, String namespace, Duration silence, InstantSource clock) {
    this.api = api;
    this.namespace = namespace;
    this.silence = silence;
    this.clock = clock;
  }

  /** Whether the agent has not been heard of for long; not so where it cannot be told. */
  public boolean silent(String node) {
    Reply r =
        api.get("/apis/coordination.k8s.io/v1/namespaces/" + namespace + "/leases/" + LEASE + node);
    return switch (r) {
      case Reply.Done d -> {
        Instant renewed = time(d.object().path("spec").path("renewTime").asText());
        yield renewed.plus(silence).isBefore(clock.instant());
      }
      case Reply.NotFound _ -> true;
      case Reply.Conflict _, Reply.Exists _, Reply.Refused _, Reply.Unknown _ -> false;
    };
  }

  private static Instant time(String text) {
    try {
      return OffsetDateTime.parse(text).toInstant();
    } catch (DateTimeParseException e) {
      return Instant.EPOCH;
    }
  }
}
