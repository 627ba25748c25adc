package dev.lodge.e2e.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Every write that ownership.md forbids, tried under the shipped RBAC with real bound tokens. The
 * VMs here have no place to run (a node selector that no node fits), so that the operator leaves
 * their records alone.
 */
class PoliciesE2E {
  private static final String NAMESPACE = "policies";
  private static final String MINE = "policy-mine";
  private static final String THEIRS = "policy-theirs";
  private static final Kubectl ADMIN = Kubectl.admin();

  private static AgentToken agent;
  private static AgentToken other;
  private static AgentToken operator;

  @BeforeAll
  static void tokens() {
    Bed.required();
    for (String node : new String[] {MINE, THEIRS}) {
      ADMIN.apply("{apiVersion: v1, kind: Node, metadata: {name: " + node + "}}").ok();
    }
    ADMIN.apply("{apiVersion: v1, kind: Namespace, metadata: {name: " + NAMESPACE + "}}").ok();
    agent = AgentToken.of(MINE);
    other = AgentToken.of(THEIRS);
    operator = AgentToken.operator();
  }

  @AfterAll
  static void away() {
    if (agent == null) {
      return;
    }
    ADMIN.run("-n", NAMESPACE, "delete", "vm", "vm", "--ignore-not-found", "--wait=false").ok();
    ADMIN.run("delete", "vmhost", MINE, "--ignore-not-found", "--wait=false").ok();
    // No node ever releases that VM: what the operator would do then.
    Await.until(
        "VM and VmHost gone",
        Duration.ofSeconds(60),
        () -> finalizerOff("vm") & hostFinalizerOff());
    ADMIN.run("delete", "namespace", NAMESPACE, "--wait=false").ok();
    for (AgentToken t : new AgentToken[] {agent, other, operator}) {
      t.close();
    }
    ADMIN.run("delete", "node", MINE, THEIRS).ok();
  }

  /** Whether the VM is gone. */
  private static boolean finalizerOff(String vm) {
    if (ADMIN.get(NAMESPACE, "vm", vm).isEmpty()) {
      return true;
    }
    operator
        .kubectl()
        .run(
            "-n",
            NAMESPACE,
            "patch",
            "vm",
            vm,
            "--type=merge",
            "-p",
            "{\"metadata\":{\"finalizers\":null}}");
    return false;
  }

  private static boolean hostFinalizerOff() {
    Optional<JsonNode> host = ADMIN.get("", "vmhost", MINE);
    if (host.isEmpty()) {
      return true;
    }
    ObjectNode free = host.get().deepCopy();
    ((ObjectNode) free.path("metadata")).remove("finalizers");
    operator.kubectl().put(hostPath().replace("/status", ""), free);
    return false;
  }

  /** A VM that MINE owns, claimed. */
  @BeforeEach
  void ownedVm() {
    ADMIN
        .apply(
            """
            apiVersion: lodge.dev/v1alpha1
            kind: VirtualMachine
            metadata: {name: vm, namespace: %s}
            spec:
              powerState: PoweredOff
              cpu: {count: 1}
              memory: {size: 16Mi}
              interfaces: []
              placement: {nodeSelector: {lodge.test/nowhere: "true"}}
            """
                .formatted(NAMESPACE))
        .ok();
    ObjectNode vm = vm();
    ObjectNode status = status(vm);
    if (status.path("nodeName").asText().equals(MINE)
        && !status.path("released").asBoolean()
        && !status.has("migration")) {
      return;
    }
    long epoch = status.path("epoch").asLong() + 1;
    status.put("nodeName", MINE).put("epoch", epoch).put("claimedBy", "Start");
    status.put("claimBootGeneration", 1).put("claimNonce", "n").put("released", false);
    status.remove("migration");
    operator.kubectl().put(path("/status"), vm).ok();
  }

  @Test
  void the_owner_s_agent_writes_the_status() {
    write(agent, s -> s.put("phase", "Running")).ok();
  }

  @Test
  void an_agent_does_not_write_a_vm_of_another_node() {
    write(other, s -> s.put("phase", "Running"))
        .refused("neither on this agent's node nor on its way there");
  }

  @Test
  void a_token_that_names_no_node_writes_nothing() {
    try (AgentToken unbound = AgentToken.unbound()) {
      write(unbound, s -> s.put("phase", "Running")).refused("names no node");
    }
  }

  @Test
  void an_agent_gives_a_vm_to_nobody() {
    write(agent, s -> s.put("nodeName", THEIRS).put("epoch", s.path("epoch").asLong() + 1))
        .refused("only the operator gives a VM to a node");
    write(other, s -> s.put("nodeName", THEIRS).put("epoch", s.path("epoch").asLong() + 1))
        .refused("neither on this agent's node");
  }

  @Test
  void an_agent_does_not_raise_the_epoch() {
    write(agent, s -> s.put("epoch", s.path("epoch").asLong() + 1)).refused("status.epoch");
  }

  @Test
  void nobody_lowers_the_epoch() {
    write(operator, s -> s.put("epoch", s.path("epoch").asLong() - 1)).refused("never goes back");
  }

  @Test
  void the_operator_skips_no_epoch() {
    write(operator, s -> s.put("nodeName", THEIRS).put("epoch", s.path("epoch").asLong() + 2))
        .refused("raises epoch by exactly one");
  }

  @Test
  void an_agent_does_not_choose_a_target() {
    write(agent, s -> s.putObject("migration").put("targetNode", THEIRS))
        .refused("does not choose where a VM goes");
    write(other, s -> s.putObject("migration").put("targetNode", THEIRS))
        .refused("neither on this agent's node");
  }

  @Test
  void an_epoch_that_was_let_go_stays_so() {
    write(agent, s -> s.put("released", true)).ok();

    write(agent, s -> s.put("released", false)).refused("stays so");
  }

  @Test
  void only_the_target_accepts() {
    migrating();

    write(agent, s -> ((ObjectNode) s.path("migration")).put("accepted", true))
        .refused("only the target accepts");
    write(other, s -> accept(s, 3)).ok();
  }

  @Test
  void a_target_writes_nothing_but_the_migration() {
    migrating();

    write(other, s -> s.put("phase", "Running")).refused("writes only status.migration");
    write(other, s -> s.put("released", true)).refused("writes only status.migration");
    write(other, s -> s.put("claimNonce", "mine")).refused("writes only status.migration");
  }

  @Test
  void a_hand_over_needs_an_accepted_target_and_its_boot() {
    migrating();
    Consumer<ObjectNode> handOver = s -> handOver(s, 3);

    write(agent, handOver).refused("only hands over to the accepted migration target");
    write(other, s -> accept(s, 3)).ok();
    write(agent, s -> handOver(s, 4)).refused("only hands over");
    write(agent, handOver).ok();
    write(agent, s -> s.put("phase", "Running")).refused("neither on this agent's node");
  }

  @Test
  void slots_are_the_operator_s() {
    write(
            agent,
            s ->
                s.putArray("slots").addObject().put("name", "p").put("uid", "u").put("role", "Run"))
        .refused("status.slots");
  }

  @Test
  void an_agent_changes_no_spec_and_patches_nothing() {
    ObjectNode vm = vm();
    ((ObjectNode) vm.path("spec")).put("powerState", "PoweredOn");
    agent.kubectl().put(path(""), vm).refused("forbidden");
    agent
        .kubectl()
        .run(
            "-n",
            NAMESPACE,
            "patch",
            "vm",
            "vm",
            "--subresource=status",
            "--type=merge",
            "-p",
            "{\"status\":{\"phase\":\"Running\"}}")
        .refused("forbidden");
    agent.kubectl().run("-n", NAMESPACE, "delete", "vm", "vm").refused("forbidden");
  }

  @Test
  void an_agent_reads_no_secret_no_pod_and_touches_no_node() {
    for (String what : new String[] {"secrets", "pods", "configmaps", "nodes"}) {
      agent.kubectl().run("-n", NAMESPACE, "get", what).refused("forbidden");
    }
    agent
        .kubectl()
        .run(
            "patch",
            "node",
            MINE,
            "--type=merge",
            "-p",
            "{\"metadata\":{\"labels\":{\"a\":\"b\"}}}")
        .refused("forbidden");
    agent.kubectl().run("-n", NAMESPACE, "create", "token", "default").refused("forbidden");
  }

  @Test
  void an_agent_makes_and_writes_only_its_own_host() {
    agent.kubectl().create(host(THEIRS)).refused("of its own node");
    agent.kubectl().create(host(MINE)).ok();
    ObjectNode host = ADMIN.get("", "vmhost", MINE).orElseThrow().deepCopy();
    host.putObject("status").put("machineID", "m").put("bootID", "b").put("bootGeneration", 1);

    other.kubectl().put(hostPath(), host).refused("of its own node");
    agent.kubectl().put(hostPath(), host).ok();
    host = ADMIN.get("", "vmhost", MINE).orElseThrow().deepCopy();
    status(host).put("fencedThrough", 1);
    agent.kubectl().put(hostPath(), host).refused("fencedThrough");
    status(host).remove("fencedThrough");
    status(host).put("machineID", "another");
    agent.kubectl().put(hostPath(), host).refused("machineID");
    status(host).put("machineID", "m").put("bootGeneration", 2);
    agent.kubectl().put(hostPath(), host).refused("rises by exactly one with each new bootID");
    agent.kubectl().run("delete", "vmhost", MINE).refused("forbidden");
  }

  @Test
  void an_agent_renews_only_its_own_lease() {
    agent.kubectl().create(lease("lodge-agent-" + THEIRS)).refused("of its own node");
    agent.kubectl().create(lease("lodge-agent-" + MINE)).ok();
    ADMIN.run("-n", Bed.NAMESPACE, "delete", "lease", "lodge-agent-" + MINE).ok();
  }

  @Test
  void nobody_else_writes_a_status_whatever_else_he_may_do() {
    write(ADMIN, s -> s.put("released", true)).refused("status is written by Lodge alone");
    ADMIN
        .run(
            "-n",
            NAMESPACE,
            "patch",
            "vm",
            "vm",
            "--subresource=status",
            "--type=merge",
            "-p",
            "{\"status\":{\"slots\":[]}}")
        .refused("status is written by Lodge alone");
  }

  @Test
  void nobody_else_makes_addresses_and_claims() {
    ADMIN
        .create(
            """
            apiVersion: lodge.dev/v1alpha1
            kind: VmDiskClaim
            metadata: {name: pvc-1}
            spec: {holder: {namespace: a, name: b, uid: c, disk: d}}
            """)
        .refused("vmdiskclaims are written by Lodge alone");
    agent
        .kubectl()
        .create(
            """
            apiVersion: lodge.dev/v1alpha1
            kind: VmAddress
            metadata: {name: n-10.0.0.1}
            spec:
              networkRef: {name: a, namespace: b}
              ip: 10.0.0.1
              mac: "52:54:00:00:00:01"
              parentRef: {namespace: a, name: b, uid: c, interfaceName: d}
            """)
        .refused("forbidden");
  }

  @Test
  void a_finalizer_of_lodge_is_taken_off_by_the_operator_alone() {
    ADMIN
        .run(
            "-n",
            NAMESPACE,
            "patch",
            "vm",
            "vm",
            "--type=json",
            "-p",
            "[{\"op\":\"add\",\"path\":\"/metadata/finalizers\",\"value\":[\"lodge.dev/vm\",\"example.org/x\"]}]")
        .ok();

    ADMIN
        .run(
            "-n",
            NAMESPACE,
            "patch",
            "vm",
            "vm",
            "--type=json",
            "-p",
            "[{\"op\":\"replace\",\"path\":\"/metadata/finalizers\",\"value\":[\"example.org/x\"]}]")
        .refused("taken off by the operator");
    ADMIN
        .run(
            "-n",
            NAMESPACE,
            "patch",
            "vm",
            "vm",
            "--type=json",
            "-p",
            "[{\"op\":\"replace\",\"path\":\"/metadata/finalizers\",\"value\":[\"lodge.dev/vm\"]}]")
        .ok();
  }

  @Test
  void a_forged_slot_is_refused() {
    ADMIN
        .create(
            """
            apiVersion: v1
            kind: Pod
            metadata: {name: forged, namespace: %s, labels: {lodge.dev/vm-uid: u}}
            spec: {containers: [{name: c, image: i}]}
            """
                .formatted(NAMESPACE))
        .refused("made by the operator alone");
    ADMIN
        .create(
            """
            apiVersion: v1
            kind: Pod
            metadata: {name: plain, namespace: %s}
            spec: {nodeSelector: {no: where}, containers: [{name: c, image: i}]}
            """
                .formatted(NAMESPACE))
        .ok();
    ADMIN.run("-n", NAMESPACE, "label", "pod", "plain", "lodge.dev/vm-uid=u").refused("operator");
    ADMIN.run("-n", NAMESPACE, "delete", "pod", "plain", "--force", "--grace-period=0").ok();
  }

  @Test
  void people_have_their_rights_by_the_aggregated_roles() {
    ADMIN
        .run("-n", NAMESPACE, "create", "rolebinding", "v", "--clusterrole=view", "--user=viewer")
        .ok();
    ADMIN
        .run("-n", NAMESPACE, "create", "rolebinding", "e", "--clusterrole=edit", "--user=editor")
        .ok();
    Await.until(
        "the aggregated role",
        Duration.ofSeconds(30),
        () -> Kubectl.user("viewer").run("-n", NAMESPACE, "get", "vm").code() == 0);

    Kubectl.user("viewer").run("-n", NAMESPACE, "delete", "vm", "none").refused("forbidden");
    assertThat(
            Kubectl.user("editor")
                .run("-n", NAMESPACE, "auth", "can-i", "update", "virtualmachines")
                .out())
        .startsWith("yes");
    assertThat(
            Kubectl.user("editor")
                .run(
                    "-n",
                    NAMESPACE,
                    "auth",
                    "can-i",
                    "update",
                    "virtualmachines",
                    "--subresource=status")
                .out())
        .startsWith("no");
    assertThat(Kubectl.user("editor").run("auth", "can-i", "create", "hostresources").out())
        .startsWith("no");
  }

  private static void migrating() {
    write(operator, s -> s.putObject("migration").put("targetNode", THEIRS)).ok();
  }

  private static void accept(ObjectNode status, long boot) {
    ((ObjectNode) status.path("migration")).put("accepted", true).put("targetBootGeneration", boot);
  }

  private static void handOver(ObjectNode status, long boot) {
    status.put("nodeName", THEIRS).put("epoch", status.path("epoch").asLong() + 1);
    status.put("claimedBy", "HandOver").put("claimBootGeneration", boot).put("released", false);
    status.remove("migration");
  }

  private static Shell.Result write(AgentToken who, Consumer<ObjectNode> change) {
    return write(who.kubectl(), change);
  }

  private static Shell.Result write(Kubectl who, Consumer<ObjectNode> change) {
    ObjectNode vm = vm();
    change.accept(status(vm));
    return who.put(path("/status"), vm);
  }

  private static ObjectNode vm() {
    return ADMIN.get(NAMESPACE, "vm", "vm").orElseThrow().deepCopy();
  }

  private static ObjectNode status(ObjectNode object) {
    return object.withObject("/status");
  }

  private static String path(String sub) {
    return "/apis/lodge.dev/v1alpha1/namespaces/" + NAMESPACE + "/virtualmachines/vm" + sub;
  }

  private static String hostPath() {
    return "/apis/lodge.dev/v1alpha1/vmhosts/" + MINE + "/status";
  }

  private static String host(String name) {
    return "{apiVersion: lodge.dev/v1alpha1, kind: VmHost, metadata: {name: "
        + name
        + "}, spec: {}}";
  }

  private static String lease(String name) {
    return "{apiVersion: coordination.k8s.io/v1, kind: Lease, metadata: {name: "
        + name
        + ", namespace: "
        + Bed.NAMESPACE
        + "}, spec: {holderIdentity: a}}";
  }
}
