package dev.lodge.agent.cluster;

import static dev.lodge.agent.kube.RealApi.always;
import static dev.lodge.agent.kube.RealApi.await;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lodge.agent.kube.KubeApi;
import dev.lodge.agent.kube.RealApi;
import dev.lodge.agent.reconcile.VmMetrics;
import dev.lodge.agent.storage.Brought;
import dev.lodge.api.ResourceKind;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineConditions.Reason;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineStatus.Slot;
import dev.lodge.domain.hypervisor.DomainState;
import dev.lodge.domain.hypervisor.HypervisorEvent;
import dev.lodge.domain.machine.DomainNames;
import dev.lodge.domain.ownership.ClaimedDisks;
import dev.lodge.domain.ownership.ClaimedDisks.Nameable;
import dev.lodge.testkit.hypervisor.InMemoryHypervisor;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A whole node over a hypervisor in memory, against a real API server; the test is the operator.
 */
class ClusterNodeIT {
  private static final AtomicInteger COUNT = new AtomicInteger();
  private static @Nullable RealApi api;

  private final List<String> ended = new CopyOnWriteArrayList<>();
  private final InMemoryHypervisor hypervisor = new InMemoryHypervisor();
  private String nodeName = "";
  private String machine = "machine-1";
  private String boot = "boot-1";
  private Path state = Path.of("/nonexistent");
  private @Nullable KubeApi client;
  private @Nullable ClusterNode node;

  @BeforeAll
  static void startServer(@TempDir Path directory) throws Exception {
    api = RealApi.start(directory.resolve("server"));
  }

  @AfterAll
  static void stopServer() throws Exception {
    if (api != null) {
      api.close();
    }
  }

  @BeforeEach
  void name(@TempDir Path directory) {
    nodeName = "node-" + COUNT.incrementAndGet();
    state = directory.resolve("state");
  }

  @AfterEach
  void end() {
    api.line.mend();
    stopAgent();
    api.delete(ResourceKind.VirtualMachine, "default", vm());
    api.delete(ResourceKind.VmHost, "", nodeName);
  }

  private String vm() {
    return "vm-of-" + nodeName;
  }

  private void powerState(String wish) {
    api.spec(ResourceKind.VirtualMachine, "default", vm(), s -> s.put("powerState", wish));
  }

  private void startAgent() throws Exception {
    client = api.agent();
    node =
        ClusterNode.start(
            new ClusterNode.Identity(nodeName, "lodge-system", machine, boot, "test"),
            new ClusterNode.Surroundings(
                client,
                hypervisor,
                state,
                state.resolve("locks"),
                null,
                new NoSlots(),
                new LoggedVmEvents(),
                new NoMetrics(),
                Clock.systemUTC()));
  }

  private void startAgentAndWait() throws Exception {
    startAgent();
    await(() -> node.missing().isEmpty());
  }

  private void stopAgent() {
    if (node != null) {
      node.close();
      node = null;
    }
    if (client != null) {
      client.close();
      client = null;
    }
  }

  private void createVm(String more) throws Exception {
    api.create(
        """
        {"kind":"VirtualMachine","metadata":{"name":"%s","namespace":"default"},
         "spec":{"cpu":{"count":1},"memory":{"size":"64Mi"},"interfaces":[],
                 "stop":{"gracePeriodSeconds":0}%s}}
        """
            .formatted(vm(), more));
  }

  /** As the operator gives a VM to a node. */
  private void own(long epoch, List<Nameable> disks) {
    operator(
        s -> {
          s.put("nodeName", nodeName).put("epoch", epoch).put("phase", "Starting");
          s.put("claimedDisks", ClaimedDisks.fingerprint(disks));
          for (String gone :
              List.of("claimedBy", "claimBootGeneration", "claimNonce", "released")) {
            s.remove(gone);
          }
          ObjectNode slot = s.putArray("slots").addObject();
          slot.put("name", "slot-" + epoch).put("uid", "pod-" + epoch).put("role", "Run");
          slot.put("nodeName", nodeName);
          slot.put("laterMember", true);
          s.putArray("conditions")
              .addObject()
              .put("type", "Scheduled")
              .put("status", "True")
              .put("reason", "Bound")
              .put("message", "placed")
              .put("lastTransitionTime", "2026-01-01T00:00:00Z");
        });
  }

  private void operator(Consumer<ObjectNode> change) {
    api.status(ResourceKind.VirtualMachine, "default", vm(), change);
  }

  private JsonNode status() {
    return api.get(ResourceKind.VirtualMachine, "default", vm()).path("status");
  }

  private long version() {
    return api.get(ResourceKind.VirtualMachine, "default", vm())
        .at("/metadata/resourceVersion")
        .asLong();
  }

  private JsonNode host() {
    return api.get(ResourceKind.VmHost, "", nodeName).path("status");
  }

  private Optional<DomainState> guest() {
    return hypervisor.find(DomainNames.domain("default", vm()));
  }

  private void awaitRunning(long epoch) throws InterruptedException {
    await(
        () ->
            status().path("phase").asText().equals("Running")
                && status().path("epoch").asLong() == epoch);
  }

  private String ready() {
    for (JsonNode c : status().path("conditions")) {
      if (c.path("type").asText().equals("Ready")) {
        return c.path("reason").asText();
      }
    }
    return "";
  }

  @Test
  void a_vm_of_this_node_starts_with_two_writes_and_then_none() throws Exception {
    // Given
    startAgentAndWait();
    createVm("");
    own(1, List.of());
    long given = version();

    // When
    awaitRunning(1);

    // Then
    long running = version();
    assertThat(api.versions(ResourceKind.VirtualMachine, vm(), given, running))
        .as("claim and Running")
        .hasSize(2);
    assertThat(guest()).isPresent();
    assertThat(status().path("claimedBy").asText()).isEqualTo("Start");
    assertThat(status().path("claimBootGeneration").asLong()).isEqualTo(1);
    assertThat(status().path("conditions").get(0).path("type").asText()).isEqualTo("Scheduled");
    always(() -> version() == running);
  }

  @Test
  void a_slot_that_is_to_leave_stops_the_guest_and_is_ended_after_the_release() throws Exception {
    // Given
    startAgentAndWait();
    createVm("");
    own(1, List.of());
    awaitRunning(1);

    // When
    operator(s -> ((ObjectNode) s.path("slots").get(0)).put("leaving", true));

    // Then
    await(() -> ended.contains("slot-1"));
    assertThat(guest()).isEmpty();
    assertThat(status().path("released").asBoolean()).isTrue();
    assertThat(status().path("slots").get(0).path("name").asText()).isEqualTo("slot-1");
  }

  @Test
  void a_slot_that_vanished_is_no_reason_to_stop() throws Exception {
    startAgentAndWait();
    createVm("");
    own(1, List.of());
    awaitRunning(1);
    int pid = guest().orElseThrow().pid();

    operator(s -> s.remove("slots"));
    operator(s -> s.put("startedAt", "touched"));

    await(() -> !status().path("startedAt").asText().equals("touched"));
    assertThat(guest().orElseThrow().pid()).isEqualTo(pid);
    assertThat(status().path("released").asBoolean()).isFalse();
  }

  @Test
  void powering_off_releases_and_the_next_epoch_starts_again() throws Exception {
    // Given
    startAgentAndWait();
    createVm("");
    own(1, List.of());
    awaitRunning(1);

    // When
    powerState("PoweredOff");
    await(() -> status().path("released").asBoolean());

    // Then
    assertThat(guest()).isEmpty();
    assertThat(ended).isEmpty();
    powerState("PoweredOn");
    own(2, List.of());
    awaitRunning(2);
  }

  @Test
  void nothing_is_started_in_a_boot_that_was_fenced() throws Exception {
    // Given
    startAgentAndWait();
    createVm("");
    api.status(ResourceKind.VmHost, "", nodeName, s -> s.put("fencedThrough", 1));

    // When
    own(1, List.of());

    // Then
    await(() -> ready().equals(Reason.NodeRecordFailed.name()));
    assertThat(guest()).isEmpty();
    assertThat(status().has("claimedBy")).isFalse();
  }

  @Test
  void nothing_is_started_with_disks_that_the_operator_has_not_locked() throws Exception {
    startAgentAndWait();
    createVm("");

    own(1, List.of(new Nameable("data", "pvc/data", false)));

    await(() -> !ready().isEmpty());
    assertThat(guest()).isEmpty();
    assertThat(status().has("claimedBy")).isFalse();
  }

  @Test
  void another_machine_of_the_name_is_not_served() throws Exception {
    // Given
    startAgentAndWait();
    await(() -> host().has("capabilities"));
    stopAgent();
    String before = host().toString();
    machine = "machine-2";
    state = state.resolveSibling("other-state");

    // When
    startAgent();

    // Then
    await(() -> node.missing().orElse("").contains("another machine"));
    assertThat(host().toString()).isEqualTo(before);
  }

  @Test
  void a_new_boot_is_counted_and_guests_of_the_old_one_are_let_go() throws Exception {
    // Given
    startAgentAndWait();
    createVm("");
    own(1, List.of());
    awaitRunning(1);
    stopAgent();
    hypervisor.destroy(guest().orElseThrow().id());
    boot = "boot-2";

    // When
    startAgentAndWait();

    // Then: the claim is of a boot that is over, so it is released, and not started again.
    await(() -> status().path("released").asBoolean());
    assertThat(host().path("bootGeneration").asLong()).isEqualTo(2);
    assertThat(guest()).isEmpty();
  }

  @Test
  void a_vm_host_out_of_a_backup_is_noticed() throws Exception {
    // Given
    startAgentAndWait();
    stopAgent();
    boot = "boot-2";
    startAgentAndWait();
    stopAgent();
    api.delete(ResourceKind.VmHost, "", nodeName);
    api.create(
        "{\"kind\":\"VmHost\",\"metadata\":{\"name\":\"%s\"},\"spec\":{}}".formatted(nodeName));
    api.status(
        ResourceKind.VmHost,
        "",
        nodeName,
        s -> s.put("machineID", machine).put("bootID", "boot-0").put("bootGeneration", 1));
    boot = "boot-3";

    // When
    startAgent();

    // Then
    await(() -> node.missing().orElse("").contains("backup"));
  }

  @Test
  void a_vm_host_that_was_deleted_is_made_again_with_the_same_count() throws Exception {
    startAgentAndWait();
    stopAgent();
    boot = "boot-2";
    startAgentAndWait();
    stopAgent();
    api.delete(ResourceKind.VmHost, "", nodeName);

    startAgentAndWait();

    assertThat(host().path("bootGeneration").asLong()).isEqualTo(2);
  }

  @Test
  void a_guest_runs_on_over_agents_and_outages() throws Exception {
    // Given
    startAgentAndWait();
    createVm("");
    own(1, List.of());
    awaitRunning(1);
    int pid = guest().orElseThrow().pid();

    // When
    api.line.takeDown();
    hypervisor.disconnect("restarted");
    hypervisor.reconnect();
    stopAgent();
    startAgent();
    await(() -> node.missing().orElse("").contains("not registered"));
    api.line.mend();
    await(() -> node.missing().isEmpty());

    // Then
    operator(s -> s.put("phase", "Touched"));
    awaitRunning(1);
    assertThat(guest().orElseThrow().pid()).isEqualTo(pid);
    assertThat(status().path("released").asBoolean()).isFalse();
  }

  @Test
  void a_guest_whose_vm_is_anothers_by_now_is_ended_and_its_status_left_alone() throws Exception {
    // Given
    startAgentAndWait();
    createVm("");
    own(1, List.of());
    awaitRunning(1);

    // When
    operator(s -> s.put("nodeName", "elsewhere").put("epoch", 2).put("phase", "Starting"));

    // Then
    await(() -> guest().isEmpty());
    assertThat(status().path("phase").asText()).isEqualTo("Starting");
    assertThat(status().path("nodeName").asText()).isEqualTo("elsewhere");
  }

  @Test
  void a_guest_whose_vm_is_gone_is_ended() throws Exception {
    startAgentAndWait();
    createVm("");
    own(1, List.of());
    awaitRunning(1);

    api.delete(ResourceKind.VirtualMachine, "default", vm());

    await(() -> guest().isEmpty());
  }

  @Test
  void an_api_server_that_knows_neither_the_vm_nor_the_node_ends_no_guest() throws Exception {
    // Given
    startAgentAndWait();
    createVm("");
    own(1, List.of());
    awaitRunning(1);
    int pid = guest().orElseThrow().pid();

    // When
    api.delete(ResourceKind.VmHost, "", nodeName);
    api.delete(ResourceKind.VirtualMachine, "default", vm());

    // Then
    await(() -> node.store().list(ResourceKind.VirtualMachine).items().isEmpty());
    always(() -> guest().orElseThrow().pid() == pid);
  }

  @Test
  void a_claim_whose_answer_is_lost_starts_one_guest() throws Exception {
    // Given
    startAgentAndWait();
    createVm("");
    AtomicInteger starts = new AtomicInteger();
    hypervisor.listen(
        e -> {
          if (e instanceof HypervisorEvent.DomainChanged) {
            starts.incrementAndGet();
          }
        });
    api.line.loseAnswers();
    own(1, List.of());
    api.line.mend();

    // When
    awaitRunning(1);

    // Then
    assertThat(guest()).isPresent();
    assertThat(hypervisor.list()).hasSize(1);
  }

  private final class NoSlots implements Slots {
    @Override
    public Brought brought(String podUid, Runnable running) {
      return _ -> new Brought.Result.Waiting("no slot");
    }

    @Override
    public void end(Slot slot) {
      ended.add(slot.name());
    }
  }

  private static final class NoMetrics implements VmMetrics {
    @Override
    public void started(Phase phase, Duration took) {}

    @Override
    public void startFailed(String reason) {}

    @Override
    public void guestEnded(String how) {}

    @Override
    public void passBroke(Throwable fault) {
      throw new AssertionError(fault);
    }
  }
}
