package dev.lodge.e2e.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The chart, by helm's own commands, around a guest that must not notice. */
class ChartE2E {
  private static final String CHART = Bed.CHECKOUT + "/helm/lodge";
  private static final String VALUES = Bed.CHECKOUT + "/e2e/testbed/values.yaml";
  private static final String ELSEWHERE = "another-place";
  private static final Duration TAKEN_UP = Duration.ofSeconds(120);
  private static final Kubectl ADMIN = Kubectl.admin();

  @BeforeAll
  static void bed() {
    Bed.required();
  }

  @AfterEach
  void asBefore() {
    if (!helm("status", "lodge", "-n", ELSEWHERE).err().contains("not found")) {
      helm("uninstall", "lodge", "-n", ELSEWHERE, "--wait");
    }
    if (helm("status", "lodge", "-n", Bed.NAMESPACE).code() != 0) {
      install(Bed.NAMESPACE);
    }
    ADMIN.run("delete", "namespace", ELSEWHERE, "--ignore-not-found", "--wait=false").ok();
  }

  @Test
  void lint_and_template_are_clean_and_the_schema_refuses_wrong_values() {
    assertThat(helm("lint", CHART, "--strict").ok().out()).contains("0 chart(s) failed");
    String all = helm("template", "lodge", CHART, "-n", "x", "-f", VALUES).ok().out();
    assertThat(all).contains("kind: CustomResourceDefinition", "kind: DaemonSet", "namespace: x");
    ADMIN
        .with(
            all.replace("namespace: x", "namespace: " + Bed.NAMESPACE),
            "apply",
            "--dry-run=server",
            "-f",
            "-")
        .ok();

    helm("template", "lodge", CHART, "--set", "operator.replicas=0").refused("replicas");
    helm("template", "lodge", CHART, "--set", "operatr.replicas=2").refused("operatr");
    helm("template", "lodge", CHART, "--set", "operator.emulation=Maybe").refused("emulation");
    helm("template", "lodge", CHART, "--set", "agent.hostPaths={relative}").refused("hostPaths");
  }

  @Test
  void a_guest_runs_on_through_upgrade_rollback_uninstall_and_an_install_elsewhere() {
    try (World world = World.of("chart")) {
      Vm vm = world.apply(World.tiny("steady", "interfaces: []"));
      Vm.Qemu guest = vm.running();
      String node = vm.node();
      long epoch = vm.epoch();
      String started = vm.status().path("startedAt").asText();
      String revision = revision();

      upgrade(
          "--set",
          "operator.javaOptions=-Dtest.upgraded=1",
          "--set",
          "agent.javaOptions=-Dtest.upgraded=1");
      assertThat(ADMIN.run("-n", Bed.NAMESPACE, "get", "ds", "lodge-agent", "-o", "yaml").out())
          .contains("-Dtest.upgraded=1");
      same(vm, node, guest, epoch, started);

      helm("rollback", "lodge", revision, "-n", Bed.NAMESPACE, "--wait", "--timeout=4m").ok();
      assertThat(ADMIN.run("-n", Bed.NAMESPACE, "get", "ds", "lodge-agent", "-o", "yaml").out())
          .doesNotContain("-Dtest.upgraded=1");
      same(vm, node, guest, epoch, started);

      helm("uninstall", "lodge", "-n", Bed.NAMESPACE, "--wait", "--timeout=4m").ok();
      Await.until("no pod of Lodge's", TAKEN_UP, () -> ADMIN.list(Bed.NAMESPACE, "pods").isEmpty());
      same(vm, node, guest, epoch, started);

      install(ELSEWHERE);
      same(vm, node, guest, epoch, started);
      works(vm, world);

      helm("uninstall", "lodge", "-n", ELSEWHERE, "--wait", "--timeout=4m").ok();
      install(Bed.NAMESPACE);
      vm.delete();
      vm.awaitGone();
    }
  }

  /** Not a guest that is only left over: one that the agents look after. */
  private static void works(Vm vm, World world) {
    Vm other = world.apply(World.tiny("new", "interfaces: []"));
    other.awaitPhase("Running", TAKEN_UP);
    vm.patch("{\"spec\":{\"powerState\":\"PoweredOff\"}}");
    vm.awaitPhase("Stopped", TAKEN_UP);
    assertThat(vm.qemus(World.nodes())).isZero();
  }

  private static void same(Vm vm, String node, Vm.Qemu guest, long epoch, String started) {
    assertThat(vm.qemu(node)).as(vm::story).contains(guest);
    assertThat(vm.epoch()).isEqualTo(epoch);
    assertThat(vm.status().path("startedAt").asText()).isEqualTo(started);
    assertThat(vm.slots()).hasSize(1);
    assertThat(vm.slots().getFirst().at("/metadata/deletionTimestamp").isMissingNode()).isTrue();
  }

  private static String revision() {
    return Kubectl.parse(
            helm("history", "lodge", "-n", Bed.NAMESPACE, "-o", "json", "--max=1").ok().out())
        .at("/0/revision")
        .asText();
  }

  private static void upgrade(String... more) {
    var all =
        new ArrayList<>(
            List.of(
                "upgrade",
                "lodge",
                CHART,
                "-n",
                Bed.NAMESPACE,
                "-f",
                VALUES,
                "--wait",
                "--timeout=4m"));
    all.addAll(List.of(more));
    helm(all.toArray(String[]::new)).ok();
  }

  private static void install(String namespace) {
    helm(
            "install",
            "lodge",
            CHART,
            "-n",
            namespace,
            "--create-namespace",
            "--take-ownership",
            "-f",
            VALUES,
            "--wait",
            "--timeout=4m")
        .ok();
  }

  private static Shell.Result helm(String... words) {
    var all = new ArrayList<>(List.of("helm"));
    all.addAll(List.of(words));
    return Shell.run(null, all);
  }
}
