package dev.lodge.agent.cluster;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lodge.agent.kube.Answer;
import dev.lodge.agent.kube.KubeApi;
import dev.lodge.manifest.LodgeJson;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import org.jspecify.annotations.Nullable;

/**
 * Tells that this agent lives: a Lease {@code lodge-agent-<node>} in the installation's namespace.
 * It is for people and conditions; no decision about a guest rests on it.
 */
final class Heartbeat implements AutoCloseable {
  static final Duration EVERY = Duration.ofSeconds(10);
  private static final int SECONDS = 40;
  private static final DateTimeFormatter MICRO_TIME =
      DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSSSS'Z'").withZone(ZoneOffset.UTC);

  private final KubeApi api;
  private final String leases;
  private final String name;
  private final String nonce;
  private final Clock clock;
  private final Thread thread;
  private @Nullable ObjectNode last;

  Heartbeat(KubeApi api, String namespace, String nodeName, String nonce, Clock clock) {
    this.api = api;
    this.leases = "/apis/coordination.k8s.io/v1/namespaces/" + namespace + "/leases";
    this.name = "lodge-agent-" + nodeName;
    this.nonce = nonce;
    this.clock = clock;
    this.thread = Thread.ofVirtual().name("lodge-heartbeat").unstarted(this::run);
  }

  Heartbeat start() {
    thread.start();
    return this;
  }

  private void run() {
    try {
      while (true) {
        beat();
        Thread.sleep(EVERY);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** One renewal; what goes wrong is put right by the next one. */
  void beat() {
    ObjectNode lease = last;
    if (lease == null) {
      lease =
          switch (api.get(leases + "/" + name)) {
            case Answer.Done d -> d.body();
            case Answer.Refused _, Answer.Unknown _ -> null;
          };
    }
    boolean there = lease != null;
    ObjectNode next = lease == null ? fresh() : lease;
    next.withObjectProperty("spec")
        .put("holderIdentity", nonce)
        .put("leaseDurationSeconds", SECONDS)
        .put("renewTime", MICRO_TIME.format(Instant.now(clock)));
    Answer answer = there ? api.put(leases + "/" + name, next) : api.post(leases, next);
    last = answer instanceof Answer.Done d ? d.body() : null;
  }

  private ObjectNode fresh() {
    ObjectNode lease = LodgeJson.mapper().createObjectNode();
    lease.put("apiVersion", "coordination.k8s.io/v1").put("kind", "Lease");
    lease.putObject("metadata").put("name", name);
    lease.putObject("spec").put("acquireTime", MICRO_TIME.format(Instant.now(clock)));
    return lease;
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}
